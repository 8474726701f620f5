import { activity } from './activity.ts'
import { builds } from './builds.ts'
import { bulk, common, disk, table } from './common.ts'
import { containers } from './containers.ts'
import { contents } from './contents.ts'
import { diagnostics } from './diagnostics.ts'
import { engines } from './engines.ts'
import { errors } from './errors.ts'
import { files } from './files.ts'
import { hub } from './hub.ts'
import { images } from './images.ts'
import { logs } from './logs.ts'
import { machine } from './machine.ts'
import { machineUse } from './machine-use.ts'
import { operation } from './operations.ts'
import { overview } from './overview.ts'
import { palette } from './palette.ts'
import { ports } from './ports.ts'
import { registries } from './registries.ts'
import { run } from './run.ts'
import { settings } from './settings.ts'
import { shell } from './shell.ts'
import { stacks } from './stacks.ts'
import { stats } from './stats.ts'
import { terminal } from './terminal.ts'
import { tidy } from './tidy.ts'
import { why } from './why.ts'

export const ko = {
  activity,
  builds,
  bulk,
  common,
  containers,
  contents,
  diagnostics,
  disk,
  engines,
  errors,
  files,
  hub,
  images,
  logs,
  machine,
  machineUse,
  operation,
  overview,
  palette,
  ports,
  registries,
  run,
  settings,
  shell,
  stacks,
  stats,
  table,
  terminal,
  tidy,
  why,
}
