import type { Command } from '../command-line.js';

/** A script for a shell. */
export const completionCommand: Command = {
  usage: 'completion [shell]',
  describe: 'print a completion script for your shell',
  examples: [
    ['source <($0 completion bash)', 'in ~/.bashrc'],
    ['source <($0 completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['$0 completion fish > ~/.config/fish/completions/sess2redis.fish', 'once'],
  ],
  arguments: { shell: 'bash, zsh or fish  [default: the one that $SHELL names]' },
  options: [],
  load: async () => (await import('../completion.js')).runCompletion,
};
