/** The address of a Worker that the build emits under /worker/. */
declare module "*?worker&url" {
  const url: string;
  export default url;
}
