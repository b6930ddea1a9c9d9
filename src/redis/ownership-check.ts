import type { OperatorError } from '../errors.js';
import type { OwnVersion } from '../session.js';
import { Deployment } from './deployment.js';
import type { Endpoint } from './endpoint.js';
import { latestRenewal, type Ownership, ownWords, scriptsFor } from './ownership.js';
import { ErrorReply } from './replies.js';
import { type Answer, commandsOf, LOST } from './routing.js';
import { operatorErrorOf, Retry } from './trouble.js';
import { encodeCommand } from './wire.js';

/** A key, and the versions of ours that it may hold, the newest first. */
export interface OwnerQuestion {
  key: string;
  versions: readonly OwnVersion[];
}

/** Asks a target of any topology whose its keys are. Writes nothing. */
export class OwnerLook {
  readonly #target: Deployment;

  constructor(
    endpoint: Endpoint,
    readonly ownership: Ownership,
    giveUpAfterMs: number,
  ) {
    this.#target = new Deployment(endpoint, new Retry(giveUpAfterMs), { isReading: true });
  }

  /**
   * One of LOOK_REPLY for each question, in order.
   * @throws {OperatorError}
   */
  async ask(questions: readonly OwnerQuestion[]): Promise<number[]> {
    const replies = new Array<number>(questions.length);
    const latest = latestRenewal(this.ownership, Date.now());
    let open = questions.map((_, place) => place);
    const { look } = scriptsFor(this.ownership);
    let head = ['EVALSHA', look.sha];
    while (open.length > 0) {
      const commands = open.map((place) => {
        const { key, versions } = questions[place] as OwnerQuestion;
        const words = [...head, '1', key, ...ownWords(versions, latest, this.ownership)];
        return { key: Buffer.from(key), bytes: encodeCommand(words) };
      });
      const answers: Answer[] = [];
      await this.#target.exchange(commandsOf(commands), answers);
      const again: number[] = [];
      for (const [i, place] of open.entries()) {
        const answer = answers[i];
        if (typeof answer === 'number') replies[place] = answer;
        else if (answer === LOST || isUnknownScript(answer)) again.push(place);
        else throw operatorErrorOf(answer instanceof ErrorReply ? answer.text : 'an unexpected reply');
      }
      // The whole text once, for a server that never met it: it remembers the script from then on.
      head = answers.some(isUnknownScript) ? ['EVAL', look.text] : ['EVALSHA', look.sha];
      open = again;
    }
    return replies;
  }

  /** Ends every wait for the target with this error. */
  interrupt(error: OperatorError): void {
    this.#target.interrupt(error);
  }

  close(): void {
    this.#target.close();
  }
}

function isUnknownScript(answer: Answer | undefined): boolean {
  return answer instanceof ErrorReply && answer.text.startsWith('NOSCRIPT');
}
