// SecureStore on Azure: an AKS cluster in a network of its own, two PostgreSQL servers, blob storage for the sealed objects, a shared
// folder for keys/ and a key vault for certificates and connection strings. Nothing has a public endpoint but what the cluster's
// ingress is given. docs/operations.md says what to do before and after.
targetScope = 'resourceGroup'

@description('Where everything is.')
param location string = resourceGroup().location

@description('Begins the names of all resources: 3 to 11 lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param prefix string = 'securestore'

@description('Object id of the Entra group whose members administer the databases, the cluster and the key vault.')
param administrators string

@description('Display name of that group.')
param administratorsName string

@description('Nodes that silos run on: one silo a node, so 3 or more.')
@minValue(3)
@maxValue(100)
param nodes int = 3

@description('Size of a node.')
param nodeSize string = 'Standard_D8ds_v5'

@description('Size of the database servers.')
param databaseSize string = 'Standard_D4ds_v5'

@description('GiB of each database server.')
param databaseStorage int = 512

@description('How many days a backup of the catalog, the audit log and the tokens is kept: 7 to 35.')
@minValue(7)
@maxValue(35)
param catalogBackupDays int = 35

@description('How many days a backup of the vault is kept. Azure allows no less than 7; Vault:BackupWindow must not be less than this.')
@minValue(7)
@maxValue(35)
param vaultBackupDays int = 7

@description('GiB of the shared folder for keys/; Azure allows no less than 100.')
@minValue(100)
param keysShareSize int = 100

@description('Kubernetes namespace and service account of the silos, as in deploy/kubernetes.')
param serviceAccount string = 'system:serviceaccount:securestore:securestore'

var suffix = uniqueString(resourceGroup().id)
var databaseServers = [
  { name: 'records', databases: ['catalog', 'cluster'], backupDays: catalogBackupDays }
  { name: 'vault', databases: ['vault'], backupDays: vaultBackupDays }
]
var privateZones = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.file.${environment().suffixes.storage}'
  'privatelink.vaultcore.azure.net'
]
var roles = {
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  keyVaultAdministrator: '00482a5a-887f-4fb3-b363-3b7fe8e74483'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7'
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${prefix}-network'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.60.0.0/16'] }
    subnets: [
      { name: 'silos', properties: { addressPrefix: '10.60.0.0/20' } }
      { name: 'endpoints', properties: { addressPrefix: '10.60.16.0/24' } }
      {
        name: 'databases'
        properties: {
          addressPrefix: '10.60.17.0/24'
          delegations: [
            { name: 'postgres', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }
          ]
        }
      }
    ]
  }

  resource silos 'subnets' existing = { name: 'silos' }
  resource endpoints 'subnets' existing = { name: 'endpoints' }
  resource databases 'subnets' existing = { name: 'databases' }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zone in privateZones: {
  name: zone
  location: 'global'
}]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zone, i) in privateZones: {
  parent: zones[i]
  name: '${prefix}-link'
  location: 'global'
  properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
}]

resource databaseZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: '${prefix}.private.postgres.database.azure.com'
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: '${prefix}-link'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
}

// Who a silo is: it reads secrets and blobs by this identity, through the workload identity of its service account.
resource siloIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${prefix}-silo'
  location: location

  resource federation 'federatedIdentityCredentials' = {
    name: 'kubernetes'
    properties: {
      issuer: cluster.properties.oidcIssuerProfile.issuerURL
      subject: serviceAccount
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource clusterIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${prefix}-cluster'
  location: location
}

// Sealed objects. Soft delete and versions stay off: what is destroyed is not to come back.
resource objects 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: '${prefix}${suffix}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: 'Deny' }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: false }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
      isVersioningEnabled: false
    }

    resource container 'containers' = {
      name: 'securestore'
      properties: { publicAccess: 'None' }
    }
  }
}

// keys/: one folder that all silos share, over NFS 4.1, which has the locks that the silos take. No snapshots and no soft delete: a copy
// of a key undoes its destruction.
resource keys 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: take('${prefix}k${suffix}', 24)
  location: location
  kind: 'FileStorage'
  sku: { name: 'Premium_ZRS' }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    // NFS has no HTTPS; the share is reached by its private endpoint alone.
    supportsHttpsTrafficOnly: false
    allowSharedKeyAccess: false
    publicNetworkAccess: 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: 'Deny' }
  }

  resource files 'fileServices' = {
    name: 'default'
    properties: { shareDeleteRetentionPolicy: { enabled: false } }

    resource share 'shares' = {
      name: 'keys'
      properties: { enabledProtocols: 'NFS', rootSquash: 'NoRootSquash', shareQuota: keysShareSize }
    }
  }
}

resource secrets 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: '${prefix}${take(suffix, 10)}'
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: 'Deny' }
  }
}

var endpoints = [
  { name: 'objects', target: objects.id, group: 'blob', zone: 0 }
  { name: 'keys', target: keys.id, group: 'file', zone: 1 }
  { name: 'secrets', target: secrets.id, group: 'vault', zone: 2 }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [for endpoint in endpoints: {
  name: '${prefix}-${endpoint.name}'
  location: location
  properties: {
    subnet: { id: network::endpoints.id }
    privateLinkServiceConnections: [
      { name: endpoint.name, properties: { privateLinkServiceId: endpoint.target, groupIds: [endpoint.group] } }
    ]
  }
}]

resource endpointZones 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [for (endpoint, i) in endpoints: {
  parent: privateEndpoints[i]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: endpoint.name, properties: { privateDnsZoneId: zones[endpoint.zone].id } }]
  }
}]

// Two servers, for a server has one backup rule: the vault's backups must be no older than Vault:BackupWindow.
resource databases 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = [for server in databaseServers: {
  name: '${prefix}-${server.name}-${suffix}'
  location: location
  sku: { name: databaseSize, tier: 'GeneralPurpose' }
  properties: {
    version: '16'
    storage: { storageSizeGB: databaseStorage, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: server.backupDays, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'ZoneRedundant' }
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled', tenantId: tenant().tenantId }
    network: {
      delegatedSubnetResourceId: network::databases.id
      privateDnsZoneArmResourceId: databaseZone.id
      publicNetworkAccess: 'Disabled'
    }
  }
  dependsOn: [databaseZone::link]
}]

resource databaseAdministrators 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = [for (server, i) in databaseServers: {
  parent: databases[i]
  name: administrators
  properties: { principalType: 'Group', principalName: administratorsName, tenantId: tenant().tenantId }
}]

resource recordDatabases 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = [for name in databaseServers[0].databases: {
  parent: databases[0]
  name: name
  properties: { charset: 'UTF8', collation: 'C' }
}]

resource vaultDatabases 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = [for name in databaseServers[1].databases: {
  parent: databases[1]
  name: name
  properties: { charset: 'UTF8', collation: 'C' }
}]

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' = {
  name: '${prefix}-cluster'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${clusterIdentity.id}': {} } }
  properties: {
    dnsPrefix: prefix
    disableLocalAccounts: true
    enableRBAC: true
    aadProfile: { managed: true, enableAzureRBAC: true, adminGroupObjectIDs: [administrators] }
    apiServerAccessProfile: { enablePrivateCluster: true }
    oidcIssuerProfile: { enabled: true }
    securityProfile: { workloadIdentity: { enabled: true } }
    // Network policies are in force only with an engine for them.
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', networkPolicy: 'cilium', networkDataplane: 'cilium' }
    addonProfiles: { azureKeyvaultSecretsProvider: { enabled: true, config: { enableSecretRotation: 'true' } } }
    autoUpgradeProfile: { nodeOSUpgradeChannel: 'NodeImage' }
    agentPoolProfiles: [
      {
        name: 'silos'
        mode: 'System'
        count: nodes
        vmSize: nodeSize
        osType: 'Linux'
        osSKU: 'AzureLinux'
        availabilityZones: ['1', '2', '3']
        vnetSubnetID: network::silos.id
        upgradeSettings: { maxSurge: '1' }
      }
    ]
  }
  dependsOn: [clusterMayUseNetwork]
}

resource clusterMayUseNetwork 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(network.id, clusterIdentity.id, roles.networkContributor)
  scope: network
  properties: {
    principalId: clusterIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.networkContributor)
  }
}

resource siloMayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(secrets.id, siloIdentity.id, roles.keyVaultSecretsUser)
  scope: secrets
  properties: {
    principalId: siloIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource siloMayUseBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(objects.id, siloIdentity.id, roles.blobDataContributor)
  scope: objects
  properties: {
    principalId: siloIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
}

resource administratorsMayKeepSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(secrets.id, administrators, roles.keyVaultAdministrator)
  scope: secrets
  properties: {
    principalId: administrators
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultAdministrator)
  }
}

output cluster string = cluster.name
output siloClientId string = siloIdentity.properties.clientId
output blobEndpoint string = objects.properties.primaryEndpoints.blob
output recordsHost string = databases[0].properties.fullyQualifiedDomainName
output vaultHost string = databases[1].properties.fullyQualifiedDomainName
output keysShare string = '${keys.name}.file.${environment().suffixes.storage}:/${keys.name}/keys'
output keyVault string = secrets.name
