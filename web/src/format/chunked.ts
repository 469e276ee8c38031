/**
 * C2SP's chunked-encryption, version 1, with SHA-512 and AES-256-GCM (Cobblestone-256):
 * https://c2sp.org/chunked-encryption. The output is a salt, a commitment and encrypted chunks.
 */
import { type Bytes, concat, equal, utf8, view, wipe } from "./bytes.js";
import { check, EnvelopeError } from "./errors.js";
import { expand } from "./hkdf.js";

/** The length of a salt in bytes. */
export const saltSize = 24;

const commitmentSize = 32;
const chunkSize = 16384;
const tagSize = 16;
const label = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00";

/**
 * Encrypts plain with a key of 32 bytes and a salt that must not be used again, bound to the
 * context. Returns the parts of the output, so that the caller copies them only once.
 */
export async function encrypt(key: Bytes, context: Bytes, salt: Bytes, plain: Bytes): Promise<Bytes[]> {
  const cipher = await schedule(key, context, salt);
  const count = Math.floor(plain.length / chunkSize) + 1;
  const chunks = Array.from({ length: count }, async (_, i) => {
    const chunk = plain.subarray(i * chunkSize, (i + 1) * chunkSize);
    return new Uint8Array(await crypto.subtle.encrypt(cipher.gcm(i), cipher.key, chunk));
  });
  return [salt, cipher.commitment, ...(await Promise.all(chunks))];
}

/** Decrypts the output of encrypt. Throws truncated, commitment or chunk, and then wipes what it has decrypted. */
export async function decrypt(key: Bytes, context: Bytes, sealed: Bytes): Promise<Bytes> {
  check(sealed.length >= saltSize + commitmentSize, "truncated");
  const cipher = await schedule(key, context, sealed.subarray(0, saltSize));
  const commitment = sealed.subarray(saltSize, saltSize + commitmentSize);
  check(equal(commitment, cipher.commitment), "commitment");
  const parts: Bytes[] = [];
  try {
    await openChunks(cipher, sealed.subarray(saltSize + commitmentSize), parts);
    return concat(...parts);
  } finally {
    wipe(...parts);
  }
}

/** Decrypts the chunks in order and appends them to parts. A chunk that is not full is the last. */
async function openChunks(cipher: Cipher, sealed: Bytes, parts: Bytes[]): Promise<void> {
  const full = chunkSize + tagSize;
  for (let i = 0; i * full <= sealed.length; i++) {
    const chunk = sealed.subarray(i * full, (i + 1) * full);
    check(chunk.length >= tagSize, "truncated");
    parts.push(await openChunk(cipher, i, chunk));
  }
}

async function openChunk(cipher: Cipher, i: number, chunk: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(cipher.gcm(i), cipher.key, chunk));
  } catch {
    throw new EnvelopeError("chunk");
  }
}

interface Cipher {
  readonly key: CryptoKey;
  readonly commitment: Bytes;
  /** Returns the parameters of chunk i. */
  gcm(i: number): AesGcmParams;
}

async function schedule(key: Bytes, context: Bytes, salt: Bytes): Promise<Cipher> {
  const derived = await expand(key, concat(utf8(label), salt, context), 32 + 12 + commitmentSize);
  const aes = await crypto.subtle.importKey("raw", derived.subarray(0, 32), "AES-GCM", false, ["encrypt", "decrypt"]);
  const base = derived.slice(32, 44);
  const commitment = derived.slice(44);
  wipe(derived);
  return { key: aes, commitment, gcm: (i) => ({ name: "AES-GCM", iv: nonce(base, i), tagLength: tagSize * 8 }) };
}

/** Returns base XOR i, with i as a 12-byte integer. */
function nonce(base: Bytes, i: number): Bytes {
  const iv = base.slice();
  const low = view(iv);
  low.setBigUint64(4, low.getBigUint64(4) ^ BigInt(i));
  return iv;
}
