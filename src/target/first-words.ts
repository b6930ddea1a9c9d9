import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { describeEndpoint, type Server } from './endpoint.js';
import { ReplyIntake } from './intake.js';
import { heard, speaksTls } from './socket.js';
import { SPEAKS_TLS, unreachable } from './unreachable.js';
import { encodeCommand, Wire } from './wire.js';

const HUNG_UP = /hung up|the connection was closed|ECONNRESET|EPIPE/;
const PING = '*1\r\n$4\r\nPING\r\n';

/**
 * Why a server hung up at the first command of a connection. Where it speaks first and closes, as it does with one client
 * too many, its words may be lost behind our own: whoever only listens gets them. @param loss what is known so far
 */
export async function reasonOfSilence(server: Server, command: string, loss: OperatorError): Promise<OperatorError> {
  if (loss.exitCode !== EXIT.temporary || !HUNG_UP.test(loss.message)) return loss;
  const said = await heard(server, '');
  if (said !== null) {
    const farewell = new ReplyIntake(Number.POSITIVE_INFINITY).take(said, []);
    if (farewell instanceof OperatorError) return unreachable(server, farewell);
  }
  if (await speaksTls(server)) return new OperatorError(EXIT.usage, `${describeEndpoint(server)}: ${SPEAKS_TLS}`);
  const answer = await heard(server, PING);
  if (answer === null || !/^[+-][A-Z]/.test(answer.toString('latin1'))) return loss;
  // A link may be cut at any command; a proxy that does not know one hangs up at it each time.
  if (!(await hangsUpAt(server, command))) return loss;
  const sentence =
    `it hangs up at ${command} without a word, and answers PING: a proxy does so with commands that it does not know, ` +
    'name the Redis behind it';
  return new OperatorError(EXIT.permission, `${describeEndpoint(server)}: ${sentence}`);
}

/** Whether the server, asked once more on a connection of its own, hangs up at a command; without its words it refuses it. */
async function hangsUpAt(server: Server, command: string): Promise<boolean> {
  let wire: Wire | null = null;
  try {
    wire = await Wire.connect(server);
    wire.hurry();
    await wire.request(encodeCommand([command]), 1);
    return false;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return HUNG_UP.test(error.message);
  } finally {
    wire?.close();
  }
}
