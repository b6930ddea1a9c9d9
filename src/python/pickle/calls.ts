import { PyDict, PyInstance, PyTuple, type PyValue } from '../values.js';
import type { Allowance, Cursor } from './cursor.js';
import { build, findGlobal, isGlobal, Refusal, UnknownClass } from './globals.js';
import { Op } from './opcodes.js';
import type { Stack } from './stack.js';
import { builtInBase, isNeverLoaded } from './unknown-classes.js';

/**
 * `package.module.Class`, in words of at most 32 characters. What else stands where a name should be is not shown: in a
 * damaged file it may be a token of 64 hexadecimal digits, or a text of protocol 0 with the `p12` of its PUT behind it.
 */
const CLASS_NAME = /^(?:[A-Za-z_][A-Za-z0-9_]{0,31}\.){1,500}(?!p[0-9]{1,31}$)[A-Za-z_][A-Za-z0-9_]{0,31}$/;

/** Characters of a name that fit into a line of a report. */
const MAX_SHOWN_NAME = 64;

/** The opcodes at which CPython would import and call something. */
export class Calls {
  constructor(
    private readonly cursor: Cursor,
    private readonly allowance: Allowance,
    private readonly stack: Stack,
  ) {}

  step(op: Op): void {
    const { stack, cursor } = this;
    switch (op) {
      case Op.GLOBAL:
        stack.push(this.global(cursor.line(), cursor.line()));
        break;
      case Op.STACK_GLOBAL: {
        const name = stack.pop();
        const module = stack.pop();
        if (typeof name !== 'string' || typeof module !== 'string')
          throw cursor.malformed('name of a class is no text');
        stack.push(this.global(module, name));
        break;
      }
      case Op.REDUCE: {
        const args = stack.pop();
        this.call(stack.pop(), args);
        break;
      }
      case Op.NEWOBJ_EX:
        this.newObject(!isEmpty(stack.pop()));
        break;
      case Op.NEWOBJ:
        this.newObject(false);
        break;
      case Op.INST: {
        const type = this.global(cursor.line(), cursor.line());
        this.call(type, new PyTuple(stack.popToMark()));
        break;
      }
      case Op.OBJ: {
        const [type = null, ...args] = stack.popToMark();
        this.call(type, new PyTuple(args));
        break;
      }
      case Op.BUILD: {
        const state = stack.pop();
        build(stack.top(), state, cursor, this.allowance);
        break;
      }
      default:
        throw cursor.malformed(refusalOf(op));
    }
  }

  /** The class of that name, which the stack holds like a value. */
  private global(module: string, name: string): PyInstance {
    return findGlobal(module, name) ?? this.unknown(module, name);
  }

  private unknown(module: string, name: string): UnknownClass {
    const full = module.length + name.length > 1000 ? '' : `${module}.${name}`;
    if (!CLASS_NAME.test(full)) throw this.cursor.malformed('name of a class is no name');
    const shown = full.length <= MAX_SHOWN_NAME ? full : `${full.slice(0, MAX_SHOWN_NAME - 3)}...`;
    if (isNeverLoaded(module)) throw this.cursor.unsupported(`class ${shown}`);
    return new UnknownClass(shown, this.cursor.offset);
  }

  /** `type.__new__(type, *args)`: makes an object without filling it. */
  private newObject(hasKeywords: boolean): void {
    const args = this.stack.pop();
    const type = this.stack.pop();
    if (type instanceof UnknownClass) {
      this.make(type, hasKeywords ? undefined : this.baseFor(type, args, false));
      return;
    }
    if (hasKeywords) throw this.cursor.unsupported('an object with keyword arguments');
    if (!isEmpty(args)) throw this.cursor.unsupported('an object made with arguments');
    this.call(type, args);
  }

  private call(callable: PyValue, args: PyValue): void {
    if (callable instanceof UnknownClass) {
      this.make(callable, this.baseFor(callable, args, true));
      return;
    }
    if (!isGlobal(callable)) throw this.cursor.malformed('calls what is no class');
    if (!(args instanceof PyTuple)) throw this.cursor.malformed('arguments are no tuple');
    this.allowance.spend(1);
    const outcome = callable.call(args.items, this.allowance);
    if (outcome instanceof Refusal) throw this.cursor.malformed(`${callable.name} with ${outcome.reason}`);
    this.stack.push(outcome);
  }

  private make({ name, offset }: UnknownClass, base: PyValue | undefined): void {
    this.allowance.spend(1);
    this.stack.push(new PyInstance(name, offset, base));
  }

  private baseFor({ name }: UnknownClass, args: PyValue, isCall: boolean): PyValue | undefined {
    if (!(args instanceof PyTuple)) throw this.cursor.malformed('arguments are no tuple');
    this.allowance.spend(args.items.length);
    return builtInBase(name, args.items, isCall);
  }
}

function isEmpty(args: PyValue): boolean {
  return (args instanceof PyTuple && args.items.length === 0) || (args instanceof PyDict && args.keys.length === 0);
}

function refusalOf(op: Op): string {
  switch (op) {
    case Op.PERSID:
    case Op.BINPERSID:
      return 'persistent id';
    case Op.EXT1:
    case Op.EXT2:
    case Op.EXT4:
      return 'code of the extension registry';
    case Op.NEXT_BUFFER:
    case Op.READONLY_BUFFER:
      return 'buffer outside of the pickle';
    default:
      return `no opcode 0x${(op as number).toString(16).padStart(2, '0')}`;
  }
}
