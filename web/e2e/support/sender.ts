/** Creates secrets with the code of the page and the real API, so that a test can open one without the create screen. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { type Api, ApiError, createApi, type Transport } from "../../src/api/index.js";
import { argon2 } from "../../src/format/argon2.js";
import { random, utf8 } from "../../src/format/bytes.js";
import type { Meta } from "../../src/format/content.js";
import { type Made, sealOrder } from "../../src/screens/create/sealing.js";
import { deriveKeys, type Keys } from "../../src/format/keys.js";
import { formatId, parseLink, parseManageLink } from "../../src/format/link.js";
import type { Handler } from "./handler.js";

const node: Transport = {
  fetch: (url, init) => fetch(url, init),
  wait: (milliseconds) => pause(milliseconds),
  now: () => performance.now(),
  online: () => true,
};

export interface Order {
  /** A text, or the bytes of a file. */
  readonly content: string | Uint8Array;
  readonly name?: string;
  readonly media?: string;
  /** In seconds; an hour otherwise. */
  readonly ttl?: number;
  readonly views?: number;
  readonly passphrase?: string;
}

export class Sender {
  readonly api: Api;

  /** Origin is that of the page at which the links open. */
  constructor(
    private readonly handler: Handler,
    private readonly origin: string = handler.url,
  ) {
    this.api = createApi(handler.url, node);
  }

  async send(order: Order | string): Promise<Sent> {
    const { content, ttl = 3600, views = 1, passphrase = "", name, media } = typeof order === "string" ? { content: order } : order as Order;
    const isText = typeof content === "string";
    const meta: Meta = isText ? { type: "text" } : { type: "file", ...(name && { name }), ...(media && { media }) };
    const data = isText ? utf8(content) : new Uint8Array(content);
    const { draft, made } = await sealOrder(
      { meta, data, ttl, views, passphrase },
      this.origin,
      Date.now() / 1000,
      argon2,
    );
    await this.api.create(draft, null);
    return Sent.of(this.api, this.handler, made);
  }
}

/** A secret on the server. */
export class Sent {
  private constructor(
    private readonly client: Api,
    private readonly handler: Handler,
    private readonly made: Made,
    private readonly keys: Keys,
    private readonly manage: Uint8Array<ArrayBuffer>,
  ) {}

  static async of(api: Api, handler: Handler, made: Made): Promise<Sent> {
    const [link, manageLink] = await Promise.all([parseLink(made.link), parseManageLink(made.manageLink)]);
    return new Sent(api, handler, made, await deriveKeys(link, made.passphrase, argon2), manageLink.manage);
  }

  /** The whole link, as a sender passes it on. */
  get link(): string {
    return this.made.link;
  }

  get manageLink(): string {
    return this.made.manageLink;
  }

  /** The part after the #, with the version. */
  get fragment(): string {
    return this.link.slice(this.link.indexOf("#") + 1);
  }

  /** The address of the secret in the API. */
  get api(): string {
    return `${this.handler.url}/api/secrets/${formatId(this.keys.id)}`;
  }

  /** Returns "live 2" with the number of views left, "frozen", "held", or the reason why the secret is gone. */
  async state(): Promise<string> {
    try {
      const { state, views_left } = await this.client.status(this.keys.id, this.keys.access);
      return state === "live" ? `live ${views_left}` : state;
    } catch (error) {
      if (error instanceof ApiError && error.problem === "gone") {
        return error.details.reason ?? "gone";
      }
      throw error;
    }
  }

  /** Waits for a state, as returned by state. */
  async waitForState(state: string): Promise<void> {
    let now = await this.state();
    for (const end = Date.now() + 20_000; now !== state; now = await this.state()) {
      assert.ok(Date.now() < end, `the state is ${now}, want ${state}`);
      await pause(50);
    }
  }

  /** Reads the secret like another device, which takes a view. */
  async read(): Promise<void> {
    const key = random(32);
    await this.client.read(this.keys.id, this.keys.access, this.keys.claim, key);
    await this.client.ack(this.keys.id, this.keys.access, key);
  }

  /** Tries a wrong passphrase, a different one each time. */
  async tryWrongPassphrase(): Promise<void> {
    const { id, access } = this.keys;
    await assert.rejects(this.client.read(id, access, random(32), random(32)));
  }

  async unlock(): Promise<void> {
    await this.client.unlock(this.keys.id, this.manage, random(32));
  }

  async revoke(): Promise<void> {
    await this.client.revoke(this.keys.id, this.manage);
  }

  async events(): Promise<readonly string[]> {
    return (await this.client.receipt(this.keys.id, this.manage)).events.map(({ event }) => event);
  }

  /** Places a hold as the operator. Returns a function that releases it. */
  async hold(): Promise<() => Promise<void>> {
    const headers = { "Secret-Admin": this.handler.adminKey, "Content-Type": "application/json" };
    const until = new Date(Date.now() + 3600_000).toISOString().replace(/\.\d+/, "");
    const scope = { kind: "id", id: formatId(this.keys.id) };
    const body = JSON.stringify({ scope, modes: ["block-read"], until, reason: "a test" });
    const answer = await fetch(`${this.handler.url}/api/quarantine`, { method: "POST", headers, body });
    assert.equal(answer.status, 201, await answer.clone().text());
    const hold: unknown = await answer.json();
    const id = JSON.stringify(hold).match(/"id":"([0-9a-f]{32})"/)?.[1];
    return async () => {
      const released = await fetch(`${this.handler.url}/api/quarantine/${id}?reason=over`, { method: "DELETE", headers });
      assert.equal(released.status, 200, await released.text());
    };
  }
}
