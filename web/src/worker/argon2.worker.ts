/** The Worker: it derives one key and ends. No other code may compile WebAssembly. */
import { argon2 } from "../format/argon2.js";
import { wipe } from "../format/bytes.js";
import type { Answer, Task } from "./task.js";

addEventListener("message", (event: MessageEvent<Task>) => {
  const { password, salt } = event.data;
  const reply = (answer: Answer): void => postMessage(answer);
  argon2(password, salt)
    .then((key) => reply({ key }))
    .catch(() => reply({ failed: true }))
    .finally(() => wipe(password));
});
