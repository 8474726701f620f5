export interface HubImage {
  /** `nginx`, `bitnami/nginx` */
  readonly name: string
  readonly description: string
  readonly stars: number
  /** Absent when the source does not tell. */
  readonly pulls?: number
  readonly official: boolean
  readonly verified: boolean
}

export interface HubSearchPage {
  readonly total: number
  readonly page: number
  readonly hasMore: boolean
  readonly results: readonly HubImage[]
  /** `hub` = the Hub's API, `engine` = the engine's own search as fall-back. */
  readonly source: 'hub' | 'engine'
}

export interface HubTag {
  readonly name: string
  readonly updatedAt?: number
  readonly sizeBytes?: number
  readonly digest?: string
  readonly platforms: readonly HubPlatform[]
}

export interface HubPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly sizeBytes?: number
  readonly digest?: string
}

export interface HubTagPage {
  readonly total: number
  readonly page: number
  readonly hasMore: boolean
  readonly results: readonly HubTag[]
}
