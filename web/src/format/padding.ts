const least = 256;
const frame = 36 + 24 + 32; // header, salt, commitment
const chunk = 16384;
const tag = 16;

/** Returns the padded length (Padmé) in bytes of a plaintext of size bytes, 0 to 2^52. */
export function padme(size: number): number {
  if (size <= least) {
    return least;
  }
  const exponent = bitLength(size) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(size / step) * step;
}

/** Returns the size in bytes of an envelope whose padded plaintext has plain bytes. */
export function envelopeSize(plain: number): number {
  return frame + plain + tag * (Math.floor(plain / chunk) + 1);
}

/** Reports whether an envelope can have size bytes. */
export function isEnvelopeSize(size: number): boolean {
  const chunks = Math.floor((size - frame) / (chunk + tag)) + 1;
  const plain = size - frame - chunks * tag;
  return plain >= least && padme(plain) === plain && Math.floor(plain / chunk) + 1 === chunks;
}

/** Returns the number of binary digits of n. Bit operators would truncate n to 32. */
function bitLength(n: number): number {
  return n.toString(2).length;
}
