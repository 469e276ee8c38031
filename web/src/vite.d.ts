/** The address of a Worker that the build emits under /worker/. */
declare module "*?worker&url" {
  const url: string;
  export default url;
}

/** The texts that the first screen does not need: vite.config.ts takes them out of the file. */
declare module "*.json?later" {
  const texts: Record<string, string | Record<string, string>>;
  export default texts;
}
