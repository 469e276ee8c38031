/** Shows the receipt of a secret by its manage link, and revokes or unlocks the secret. */
import { type Api, ApiError, type CallOptions, type Receipt } from "../../api/index.js";
import { type Bytes, wipe } from "../../format/bytes.js";
import { formatManageLink, type ManageLink } from "../../format/link.js";
import { findManageLink } from "../../shared/find-link.js";
import { type Environment, type LinkState, Session } from "../../shared/session.js";

export type ManageState =
  | LinkState
  | Known
  | { readonly screen: "unknown" }
  | { readonly screen: "trouble"; readonly error: ApiError };

export type Action = "refresh" | "revoke" | "unlock";

export interface Known {
  readonly screen: "known";
  readonly receipt: Receipt;
  /** The manage link, which the person may keep. */
  readonly link: string;
  /** The action under way. */
  readonly busy?: Action;
  /** The number of its try, from the second on. */
  readonly attempt?: number;
  /** The last action, if it succeeded. */
  readonly done?: Action;
  /** Why the last action failed. */
  readonly error?: ApiError;
}

type ManageCall = "receipt" | "revoke" | "unlock";
type Run = (api: Pick<Api, ManageCall>, link: ManageLink, options: CallOptions) => Promise<void>;

export class Managing extends Session<ManageLink, ManageState> {
  #link: ManageLink | undefined;
  #key: Bytes | undefined; // of the unlock, until it has succeeded

  constructor(private readonly environment: Environment<ManageCall>) {
    super(environment, findManageLink);
  }

  /** Looks again after a failure. */
  async again(): Promise<void> {
    const link = this.#link;
    if (link !== undefined && ["trouble", "unknown"].includes(this.state.screen)) {
      await this.run({ screen: "looking", attempt: 1 }, () => this.#look(link));
    }
  }

  refresh(): Promise<void> {
    return this.#act("refresh", async () => undefined);
  }

  revoke(): Promise<void> {
    return this.#act("revoke", async (api, { id, manage }, options) => api.revoke(id, manage, options));
  }

  unlock(): Promise<void> {
    return this.#act("unlock", async (api, { id, manage }, options) => {
      this.#key ??= this.environment.newKey();
      await api.unlock(id, manage, this.#key, options);
      this.#key = undefined;
    });
  }

  protected take(link: ManageLink): Promise<ManageState> {
    this.#link = link;
    return this.#look(link);
  }

  protected endOf(error: unknown): ManageState {
    const known = apiErrorOf(error);
    return known.problem === "not-found" ? { screen: "unknown" } : { screen: "trouble", error: known };
  }

  protected wipe(): void {
    if (this.#link) {
      wipe(this.#link.manage);
      this.#link = undefined;
    }
  }

  async #look(link: ManageLink): Promise<Known> {
    const api = await this.environment.api();
    const receipt = await api.receipt(link.id, link.manage, this.#options());
    return { screen: "known", receipt, link: await formatManageLink(link) };
  }

  /** Runs one action at a time and then gets the receipt again. A failure leaves the receipt as it was. */
  async #act(action: Action, run: Run): Promise<void> {
    const { state } = this;
    const link = this.#link;
    if (state.screen !== "known" || state.busy || link === undefined) {
      return;
    }
    const known: Known = { screen: "known", receipt: state.receipt, link: state.link };
    this.show({ ...known, busy: action });
    try {
      await run(await this.environment.api(), link, this.#options());
      this.show({ ...(await this.#look(link)), done: action });
    } catch (error) {
      this.show({ ...known, error: apiErrorOf(error) });
    }
  }

  #options(): CallOptions {
    const onRetry = (attempt: number): void => {
      if (this.state.screen === "looking" || this.state.screen === "known") {
        this.show({ ...this.state, attempt });
      }
    };
    return { signal: this.signal, onRetry };
  }
}

function apiErrorOf(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError("bad-answer");
}
