import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ApiError, type CallOptions, type Receipt } from "../src/api/index.js";
import { encodeBase64url } from "../src/api/base64url.js";
import { type Bytes, random } from "../src/format/bytes.js";
import { formatManageLink, newManageLink } from "../src/format/link.js";
import { Managing, type ManageState } from "../src/screens/manage/managing.js";

const origin = "https://secrets.example";
const link = await formatManageLink(newManageLink(origin, new Uint8Array(20).fill(3)));

class Server {
  state: Receipt["state"] = "live";
  readonly unlocks: string[] = [];
  readonly faults: ApiError[] = [];
  calls = 0;

  async api() {
    return { receipt: this.#receipt, revoke: this.#revoke, unlock: this.#unlock };
  }

  #receipt = async (): Promise<Receipt> => {
    this.#call();
    return { id: "x", state: this.state, reason: "passphrase", created_at: 1, expires_at: 2, views_left: 1, unlocks_left: 9, events: [] };
  };

  #revoke = async (_id: Bytes, _manage: Bytes, options?: CallOptions): Promise<void> => {
    this.#call();
    options?.onRetry?.(2, new ApiError("timeout"));
    this.state = "revoked";
  };

  #unlock = async (_id: Bytes, _manage: Bytes, key: Bytes): Promise<void> => {
    this.unlocks.push(encodeBase64url(key));
    this.#call();
    this.state = "live";
  };

  #call(): void {
    this.calls++;
    const fault = this.faults.shift();
    if (fault) {
      throw fault;
    }
  }
}

async function managing(server = new Server(), text = link): Promise<Managing> {
  const made = new Managing({ origin, api: () => server.api(), newKey: () => random(32), missing: () => undefined });
  await made.start(text);
  return made;
}

function at<Screen extends ManageState["screen"]>(
  made: Managing,
  screen: Screen,
): Extract<ManageState, { screen: Screen }> {
  const { state } = made;
  assert.equal(state.screen, screen);
  return state as Extract<ManageState, { screen: Screen }>;
}

describe("managing", () => {
  test("shows the receipt", async () => {
    const { receipt, link: kept } = at(await managing(), "known");
    assert.deepEqual([receipt.state, kept], ["live", link]);
  });

  test("revokes, and gets the receipt again", async () => {
    const made = await managing();
    await made.revoke();
    const { receipt, done } = at(made, "known");
    assert.deepEqual([receipt.state, done], ["revoked", "revoke"]);
  });

  test("shows that it tries again, until it is done", async () => {
    const made = await managing();
    const attempts: unknown[] = [];
    made.subscribe((state) => attempts.push("attempt" in state ? state.attempt : undefined));
    await made.revoke();
    assert.deepEqual(attempts, [undefined, 2, undefined]);
  });

  test("keeps the key of an unlock after a lost answer, and uses a new one for the next", async () => {
    const server = new Server();
    server.state = "frozen";
    const made = await managing(server);
    server.faults.push(new ApiError("timeout"));
    await made.unlock();
    assert.equal(at(made, "known").error?.problem, "timeout");
    await made.unlock();
    assert.equal(at(made, "known").done, "unlock");
    await made.unlock();
    assert.equal(server.unlocks[0], server.unlocks[1]);
    assert.notEqual(server.unlocks[1], server.unlocks[2]);
  });

  test("does one thing at a time", async () => {
    const server = new Server();
    const made = await managing(server);
    await Promise.all([made.revoke(), made.revoke(), made.refresh()]);
    assert.equal(server.calls, 3); // the first receipt, one revocation, another receipt
  });

  test("a failed action keeps the receipt", async () => {
    const server = new Server();
    const made = await managing(server);
    server.faults.push(new ApiError("unavailable", 503));
    await made.refresh();
    const { receipt, error } = at(made, "known");
    assert.deepEqual([receipt.state, error?.problem], ["live", "unavailable"]);
  });

  test("a failed first look can be repeated", async () => {
    const server = new Server();
    server.faults.push(new ApiError("offline"));
    const made = await managing(server);
    at(made, "trouble");
    await made.again();
    at(made, "known");
  });

  for (const [what, text, screen] of [
    ["a link that was cut off", link.slice(0, -3), "damaged"],
    ["a link of another server", link.replace("secrets", "other"), "elsewhere"],
    ["no link", `${origin}/m`, "paste"],
  ] as const) {
    test(`sends nothing for ${what}`, async () => {
      const server = new Server();
      at(await managing(server, text), screen);
      assert.equal(server.calls, 0);
    });
  }

  test("an unknown secret leads to a screen of its own", async () => {
    const server = new Server();
    server.faults.push(new ApiError("not-found", 404));
    at(await managing(server), "unknown");
  });

  test("leaving drops the link", async () => {
    const made = await managing();
    made.drop();
    at(made, "dropped");
    await made.revoke();
    at(made, "dropped");
  });
});
