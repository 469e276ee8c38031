import { type Bytes, concat, wipe } from "./bytes.js";

const hashSize = 64;

/** HKDF-Extract of RFC 5869 with SHA-512. Returns 64 bytes. */
export async function extract(salt: Bytes, secret: Bytes): Promise<Bytes> {
  return hmac(await hmacKey(salt), secret);
}

/** HKDF-Expand of RFC 5869 with SHA-512. WebCrypto offers only extract and expand together. */
export async function expand(prk: Bytes, info: Bytes, size: number): Promise<Bytes> {
  const key = await hmacKey(prk);
  const output = new Uint8Array(size);
  let block: Bytes = new Uint8Array(0);
  for (let i = 0; i * hashSize < size; i++) {
    const input = concat(block, info, Uint8Array.of(i + 1));
    wipe(block);
    block = await hmac(key, input);
    wipe(input);
    output.set(block.subarray(0, size - i * hashSize), i * hashSize);
  }
  wipe(block);
  return output;
}

async function hmac(key: CryptoKey, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
}

function hmacKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
}
