/** The Worker: it derives one key and is then done with. It alone may compile WebAssembly. */
import { stretch } from "../format/argon2.js";
import { wipe } from "../format/bytes.js";
import type { Answer, Task } from "./task.js";

addEventListener("message", (event: MessageEvent<Task>) => {
  const { password, salt } = event.data;
  const say = (answer: Answer): void => postMessage(answer);
  stretch(password, salt)
    .then((key) => say({ key }))
    .catch(() => say({ failed: true }))
    .finally(() => wipe(password));
});
