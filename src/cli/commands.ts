import type { Command } from './command-line.js';
import { auditCommand } from './commands/audit.js';
import { benchCommand } from './commands/bench.js';
import { completionCommand } from './commands/completion.js';
import { detectCommand } from './commands/detect.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { generateCommand } from './commands/generate.js';
import { ledgerCommand } from './commands/ledger.js';
import { migrateCommand } from './commands/migrate.js';
import { profilesCommand } from './commands/profiles.js';
import { syncCommand } from './commands/sync.js';
import { verifyCommand } from './commands/verify.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  migrateCommand,
  syncCommand,
  auditCommand,
  verifyCommand,
  exportCommand,
  explainCommand,
  ledgerCommand,
  detectCommand,
  benchCommand,
  generateCommand,
  profilesCommand,
  completionCommand,
];
