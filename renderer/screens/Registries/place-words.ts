/** Where a login is kept, in words. */
import { useI18n } from 'vue-i18n'
import type { CredentialPlace } from '../../../engine/contract/models.ts'
import type { IconName } from '../../components/icons.ts'

export const PLACE_ICONS: { readonly [P in CredentialPlace]: IconName } = { helper: 'verified', keychain: 'key', memory: 'clock', 'docker-config': 'file' }

/** Call it in `setup`. */
export function usePlaceWords() {
  const { t } = useI18n()
  const program = (helper: string): string => `docker-credential-${helper}`
  return {
    name: (place: CredentialPlace, helper = ''): string => t(`registries.place.${place}.name`, { helper: program(helper) }),
    says: (place: CredentialPlace, helper = ''): string => t(`registries.place.${place}.says`, { helper: program(helper) }),
  }
}
