import { useEffect, useState } from "preact/hooks";
import { browserApi } from "../api/discover.js";
import type { Api, Config } from "../api/index.js";

/** The server that the page works with. */
export interface Server {
  readonly api: Api;
  readonly config: Config;
  /** Returns its time in seconds since 1970 UTC: a device's own clock may be wrong. */
  now(): number;
}

let connection: Promise<Server> | undefined;
let known: Config | undefined;
let onKnown = (_config: Config): void => undefined;

/** Finds the server and asks for its limits: once, and again if that failed. Rejects with ApiError. */
export function connect(): Promise<Server> {
  connection ??= ask().catch((error: unknown) => {
    connection = undefined;
    throw error;
  });
  return connection;
}

async function ask(): Promise<Server> {
  const api = await browserApi();
  const config = await api.config();
  known = config;
  onKnown(config);
  const ahead = config.now - Date.now() / 1000;
  return { api, config, now: () => Date.now() / 1000 + ahead };
}

/** Returns what the server allows, undefined until it is known. A failure shows when it is needed. */
export function useConfig(): Config | undefined {
  const [config, setConfig] = useState<Config>();
  useEffect(() => {
    const look = (): void => void connect().then((server) => setConfig(server.config)).catch(() => undefined);
    look();
    addEventListener("online", look);
    return () => removeEventListener("online", look);
  }, []);
  return config;
}

/** Returns the server's version once another part of the page has asked for it; that is not worth a request. */
export function useVersion(): string | undefined {
  const [version, setVersion] = useState(known?.version);
  useEffect(() => {
    onKnown = ({ version }) => setVersion(version);
  }, []);
  return version;
}
