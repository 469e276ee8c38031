/** The Worker: it checks one passphrase, derives one key and ends. No other code may compile WebAssembly. */
import { argon2 } from "../format/argon2.js";
import { EnvelopeError } from "../format/errors.js";
import type { Answer, Task } from "./task.js";

addEventListener("message", (event: MessageEvent<Task>) => {
  const { passphrase, salt } = event.data;
  const reply = (answer: Answer): void => postMessage(answer);
  argon2(passphrase, salt)
    .then((key) => reply({ key }))
    .catch((error: unknown) => reply({ refused: error instanceof EnvelopeError }));
});
