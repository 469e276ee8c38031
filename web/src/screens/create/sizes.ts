import { contentSize, type Meta } from "../../format/content.js";
import { envelopeSize, padme } from "../../format/padding.js";

/** Returns how many bytes of data fit into an envelope of at most so many, under such a meta. */
export function room(maxEnvelope: number, meta: Meta): number {
  return Math.max(largestPlain(maxEnvelope) - contentSize(meta, 0), 0);
}

/** Returns the size of the largest padded plaintext whose envelope has at most so many bytes, 0 when none has. */
function largestPlain(maxEnvelope: number): number {
  let fits = 0;
  let over = maxEnvelope + 1;
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (envelopeSize(padme(middle)) <= maxEnvelope) {
      fits = middle;
    } else {
      over = middle;
    }
  }
  return fits;
}
