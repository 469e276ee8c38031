import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import type { Bytes } from "../src/format/bytes.js";
import type { Meta } from "../src/format/content.js";
import { open, seal } from "../src/format/envelope.js";
import { argon2 } from "../src/format/argon2.js";
import { deriveKeys } from "../src/format/keys.js";
import { formatLink, newLink, parseLink } from "../src/format/link.js";
import { passphraseBytes } from "../src/format/passphrase.js";
import { isEnvelopeSize } from "../src/format/padding.js";

/** The job of web/test/interop/main.go, with data and envelope in base64. */
interface Job {
  readonly link: string;
  readonly passphrase: string;
  readonly views: number;
  readonly expires: number;
  readonly meta: Meta;
  readonly data: string;
  readonly envelope?: string;
}

const rounds = 60;
const chunk = 16384;

test("TypeScript opens what Go seals", async () => {
  const jobs = await randomJobs();
  const sealed = inGo(jobs);
  for (const [i, job] of jobs.entries()) {
    assert.deepEqual(await openJob({ ...job, envelope: sealed[i]!.envelope! }), job, describe(job));
  }
});

test("Go opens what TypeScript seals", async () => {
  const jobs = await randomJobs();
  const sealed = await Promise.all(jobs.map(sealJob));
  const blank = sealed.map((job) => ({ ...job, views: 0, expires: 0, meta: {}, data: "" }));
  assert.deepEqual(inGo(blank), sealed);
});

async function sealJob(job: Job): Promise<Job> {
  const keys = await deriveKeys(await parseLink(job.link), job.passphrase, argon2);
  const envelope = await seal(keys, job, job.meta, unbase64(job.data));
  assert.ok(isEnvelopeSize(envelope.length), describe(job));
  return { ...job, envelope: base64(envelope) };
}

async function openJob(job: Job): Promise<Job> {
  const keys = await deriveKeys(await parseLink(job.link), job.passphrase, argon2);
  const { header, meta, data } = await open(keys, unbase64(job.envelope!));
  const { link, passphrase } = job;
  return { link, passphrase, views: header.views, expires: header.expires, meta, data: base64(data) };
}

/** Runs the jobs with the Go package envelope. */
function inGo(jobs: readonly object[]): Job[] {
  const cwd = fileURLToPath(new URL("../../..", import.meta.url));
  const input = JSON.stringify(jobs);
  const output = execFileSync("go", ["run", "./web/test/interop"], { cwd, input, maxBuffer: 2 ** 28 });
  return JSON.parse(output.toString("utf8")) as Job[];
}

function randomJobs(): Promise<Job[]> {
  return Promise.all(Array.from({ length: rounds }, (_, i) => randomJob(i)));
}

async function randomJob(i: number): Promise<Job> {
  const expires = randomInt(2 ** 32);
  const link = await formatLink(newLink("https://secrets.example", expires));
  const passphrase = i % 20 === 0 ? randomText(1).replace(/./gsu, allowedOr("x")) : "";
  const data = base64(randomData(i));
  return { link, passphrase, views: randomInt(1, 101), expires, meta: randomMeta(i), data };
}

/** Returns data of any length and, alternately, of about a whole number of chunks. */
function randomData(i: number): Bytes {
  const size = i % 2 === 0 ? randomInt(4 * chunk) : (i % 3) * chunk + chunk - 60 + randomInt(80);
  return Uint8Array.from({ length: size }, () => randomInt(256));
}

function randomMeta(i: number): Meta {
  return i % 3 === 0 ? { type: "text" } : { type: "file", name: randomText(1), media: randomText(1) };
}

/** Returns a text with characters of all of Unicode except lone surrogates. */
function randomText(least: number): string {
  const points = Array.from({ length: randomInt(least, 40) }, () => randomInt(randomInt(2) === 0 ? 128 : 0x110000));
  return String.fromCodePoint(...points).replace(/\p{Surrogate}/gu, "x");
}

/** Returns a function that replaces the characters that no passphrase can have. */
function allowedOr(other: string): (character: string) => string {
  return (character) => {
    try {
      passphraseBytes(character);
      return character;
    } catch {
      return other;
    }
  };
}

function describe(job: Job): string {
  return JSON.stringify({ ...job, data: job.data.length });
}

function base64(bytes: Bytes): string {
  return Buffer.from(bytes).toString("base64");
}

function unbase64(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "base64"));
}
