import type { FileSystem } from '../system/file-system.js';

/**
 * Whether a store lies where names are the same in capitals and small letters (SMB and CIFS shares, NTFS, exFAT, bind
 * mounts from Windows and macOS). The application then finds the shard of another spelling where it looks for that of
 * an id, so one shard holds the sessions of all spellings. Told by one shard: its name in the other case is there as
 * well, and was not listed. Inodes don't tell, since FUSE file systems make them up.
 * @param shards the names of all shards, as they were listed
 */
export function ignoresCase(
  fileSystem: Pick<FileSystem, 'lstatSync'>,
  root: string,
  shards: readonly string[],
): boolean {
  const shard = shards.find((name) => otherCase(name) !== name);
  if (shard === undefined || shards.includes(otherCase(shard))) return false;
  try {
    const stats = fileSystem.lstatSync(`${root}/${otherCase(shard)}`, { throwIfNoEntry: false });
    return stats?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

/**
 * The path of a file in a shard, as the application asks for it: where case is ignored, by the shard that its own name
 * begins with.
 * @param shard as it was listed
 */
export function pathInShard(shard: string, file: string, isCaseIgnored: boolean): string {
  if (!isCaseIgnored || file.startsWith(shard)) return `${shard}/${file}`;
  const own = file.slice(0, shard.length);
  return own.toLowerCase() === shard.toLowerCase() ? `${own}/${file}` : `${shard}/${file}`;
}

function otherCase(name: string): string {
  const small = name.toLowerCase();
  return small === name ? name.toUpperCase() : small;
}
