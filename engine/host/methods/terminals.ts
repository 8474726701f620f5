import type { TerminalMethods } from '../../contract/parts/terminals.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { TerminalService } from '../../terminals/service.ts'

export function terminalMethods(terminals: TerminalService): Pick<MethodHandlers, keyof TerminalMethods> {
  return {
    'terminals.shells': terminals.shells,
    'terminals.claim': terminals.claim,
    'terminals.open': terminals.open,
    'terminals.attach': terminals.attach,
    'terminals.end-input': terminals.endInput,
    'terminals.detach': terminals.detach,
    'terminals.write': terminals.write,
    'terminals.resize': terminals.resize,
    'terminals.close': terminals.close,
    'terminals.list': terminals.list,
  }
}
