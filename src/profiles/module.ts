import type { Profile } from './profile.js';

/** A session module: the contract that its plain name means where nothing is known of its release, and its releases. */
export interface Module {
  plain: Profile;
  /** The oldest first; none where all releases read alike. They differ in nothing that decides a key or a database. */
  releases: readonly Profile[];
}

/** One release: its name behind the module's, the Odoo series it runs on, and what it does otherwise than the plain one. */
export type Release = { release: string; series: Profile['series'] } & Partial<
  Omit<Profile, 'name' | 'odoo' | 'series' | 'keyBefore' | 'keyAfter' | 'databaseIndex'>
>;

/** A module by its table of releases. */
export function moduleOf(plain: Profile, table: readonly Release[] = []): Module {
  return {
    plain,
    releases: table.map(({ release, ...rest }) => ({
      ...plain,
      ...(rest.sids !== undefined && { sidsInLedger: rest.sids }),
      ...rest,
      name: `${plain.name}-${release}`,
      odoo: seriesText(rest.series),
    })),
  };
}

/** The release that runs on an Odoo; undefined where the module has none for it. */
export function releaseFor({ plain, releases }: Module, odoo: number): Profile | undefined {
  return (releases.length === 0 ? [plain] : releases).find(({ series }) => odoo >= series[0] && odoo <= series[1]);
}

/** `12.0 to 17.0` */
function seriesText([first, last]: Profile['series']): string {
  return first === last ? `${first}.0` : `${first}.0 to ${last}.0`;
}
