/** Paths below the home folder in command lines. Pure. */

/** A quoted `~` would be a folder of that name: `'~/a b.tar'` becomes `~/'a b.tar'`, and bare where nothing needs quotes. */
export function withHome(command: string): string {
  return command.replace(/'~\/([\w@%+=:,./-]+)'/g, '~/$1').replaceAll("'~/", "~/'")
}
