import { useEffect, useState } from "preact/hooks";
import { browserApi } from "../api/discover.js";
import type { Api, Config } from "../api/index.js";

/** The server of this page. */
export interface Server {
  readonly api: Api;
  readonly config: Config;
  /** Returns the server's time in seconds since 1970 UTC. The clock of the device may be wrong. */
  now(): number;
}

let connection: Promise<Server> | undefined;
let known: Config | undefined;
let onKnown = (_config: Config): void => undefined;

/** Connects to the server and gets its limits, once, and again after a failure. Rejects with ApiError. */
export function connect(): Promise<Server> {
  connection ??= getServer().catch((error: unknown) => {
    connection = undefined;
    throw error;
  });
  return connection;
}

async function getServer(): Promise<Server> {
  const api = await browserApi();
  const config = await api.config();
  known = config;
  onKnown(config);
  const ahead = config.now - Date.now() / 1000;
  return { api, config, now: () => Date.now() / 1000 + ahead };
}

/** Returns the limits of the server, undefined until they are known. Errors are shown later, by connect. */
export function useConfig(): Config | undefined {
  const [config, setConfig] = useState<Config>();
  useEffect(() => {
    const load = (): void => void connect().then((server) => setConfig(server.config)).catch(() => undefined);
    load();
    addEventListener("online", load);
    return () => removeEventListener("online", load);
  }, []);
  return config;
}

/** Returns the server's version once it is known. Sends no request for it. */
export function useVersion(): string | undefined {
  const [version, setVersion] = useState(known?.version);
  useEffect(() => {
    onKnown = ({ version }) => setVersion(version);
  }, []);
  return version;
}
