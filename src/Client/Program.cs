using SecureStore.Client.Commands;
using SecureStore.Client.Output;

return await SecureStoreCommand.RunAsync(args, CommandIo.OfProcess(), CancellationToken.None).ConfigureAwait(false);
