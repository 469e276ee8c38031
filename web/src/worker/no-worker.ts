/** The browser has no Worker, no WebAssembly, or not the 64 MiB that a passphrase takes. */
export class NoWorker extends Error {
  override readonly name = "NoWorker";
}
