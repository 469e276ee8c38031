const least = 256;
const frame = 36 + 24 + 32; // header, salt, commitment
const chunk = 16384;
const tag = 16;

/** Returns the length in bytes to which a plaintext of size bytes, 0 to 2^52, is padded. */
export function padme(size: number): number {
  if (size <= least) {
    return least;
  }
  const exponent = bitLength(size) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(size / step) * step;
}

/** Returns the size in bytes of an envelope whose padded plaintext has so many. */
export function envelopeSize(plain: number): number {
  return frame + plain + tag * (Math.floor(plain / chunk) + 1);
}

/** Says whether an envelope can have size bytes. */
export function isEnvelopeSize(size: number): boolean {
  const chunks = Math.floor((size - frame) / (chunk + tag)) + 1;
  const plain = size - frame - chunks * tag;
  return plain >= least && padme(plain) === plain && Math.floor(plain / chunk) + 1 === chunks;
}

/** Counts the binary digits of n. The operators on bits would cut n to 32 of them. */
function bitLength(n: number): number {
  return n.toString(2).length;
}
