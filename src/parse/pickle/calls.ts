import { PyDict, PySet, PyTuple, type PyValue } from '../../python.js';
import type { Allowance } from './allowance.js';
import type { Cursor } from './cursor.js';
import { build, findGlobal, type Global, isGlobal, Refusal } from './globals.js';
import { Op } from './opcodes.js';
import type { Stack } from './stack.js';

/**
 * `package.module.Class`, in words of at most 32 characters. What else stands where a name should be is not shown: in a
 * damaged file it may be a token of 64 hexadecimal digits, or a text of protocol 0 with the `p12` of its PUT behind it.
 */
const CLASS_NAME = /^(?:[A-Za-z_][A-Za-z0-9_]{0,31}\.){1,500}(?!p[0-9]{1,31}$)[A-Za-z_][A-Za-z0-9_]{0,31}$/;

/** Characters of a name that fit into a line of a report. */
const MAX_SHOWN_NAME = 64;

/** The opcodes at which CPython would import and call something. */
export class Calls {
  private hasGlobals = false;

  constructor(
    private readonly cursor: Cursor,
    private readonly allowance: Allowance,
    private readonly stack: Stack,
  ) {}

  step(op: Op): void {
    const { stack, cursor } = this;
    switch (op) {
      case Op.GLOBAL:
        this.pushGlobal(cursor.line(), cursor.line());
        break;
      case Op.STACK_GLOBAL: {
        const name = stack.pop();
        const module = stack.pop();
        if (typeof name !== 'string' || typeof module !== 'string')
          throw cursor.malformed('name of a class is no text');
        this.pushGlobal(module, name);
        break;
      }
      case Op.REDUCE: {
        const args = stack.pop();
        this.call(stack.pop(), args);
        break;
      }
      case Op.NEWOBJ_EX:
        if (!isEmpty(stack.pop())) throw cursor.unsupported('an object with keyword arguments');
        this.newObject();
        break;
      case Op.NEWOBJ:
        this.newObject();
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

  /** The value that STOP ends with, unless a class has been left in it as a value. */
  finished(root: PyValue): PyValue {
    if (this.hasGlobals) this.refuseGlobals(root);
    return root;
  }

  private pushGlobal(module: string, name: string): void {
    this.hasGlobals = true;
    this.stack.push(this.global(module, name));
  }

  /** The class of that name, which the stack holds like a value. */
  private global(module: string, name: string): PyValue {
    const found: unknown = findGlobal(module, name);
    if (found === null) throw this.unknown(module, name);
    return found as PyValue;
  }

  private unknown(module: string, name: string): Error {
    const full = module.length + name.length > 1000 ? '' : `${module}.${name}`;
    if (!CLASS_NAME.test(full)) return this.cursor.malformed('name of a class is no name');
    const shown = full.length <= MAX_SHOWN_NAME ? full : `${full.slice(0, MAX_SHOWN_NAME - 3)}...`;
    return this.cursor.unsupported(`class ${shown}`);
  }

  /** `type.__new__(type, *args)`: makes an object without filling it. */
  private newObject(): void {
    const args = this.stack.pop();
    if (!isEmpty(args)) throw this.cursor.unsupported('an object made with arguments');
    this.call(this.stack.pop(), args);
  }

  private call(callable: PyValue | Global, args: PyValue): void {
    if (!isGlobal(callable)) throw this.cursor.malformed('calls what is no class');
    if (!(args instanceof PyTuple)) throw this.cursor.malformed('arguments are no tuple');
    this.allowance.spend(1);
    const outcome = callable.call(args.items, this.allowance);
    if (outcome instanceof Refusal) {
      const reason = `${callable.name} with ${outcome.reason}`;
      throw outcome.isSound ? this.cursor.unsupported(reason) : this.cursor.malformed(reason);
    }
    this.stack.push(outcome);
  }

  private refuseGlobals(root: PyValue): void {
    const seen = new Set<unknown>();
    const waiting: unknown[] = [root];
    while (waiting.length > 0) {
      const value = waiting.pop();
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      if (isGlobal(value)) throw this.cursor.unsupported(`class ${value.name} itself`);
      seen.add(value);
      for (const part of partsOf(value)) waiting.push(part);
    }
  }
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof PyTuple || value instanceof PySet) return value.items;
  return value instanceof PyDict ? value.keys.concat(value.values) : [];
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
