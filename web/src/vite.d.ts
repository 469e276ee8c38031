/** The URL of a Worker, which the build puts into /worker/. */
declare module "*?worker&url" {
  const url: string;
  export default url;
}

/** The texts that the first screen does not need, split off by vite.config.ts. */
declare module "*.json?later" {
  const texts: Record<string, string | Record<string, string>>;
  export default texts;
}
