using SecureStore.Contracts.Servers;

[assembly: AssemblyFixture(typeof(PostgresServer))]
