using Microsoft.AspNetCore.Connections;
using SecureStore.Silo.Hosting;

try
{
    await using var archive = await ArchiveHost.BuildAsync(args);
    await archive.RunAsync();
    return 0;
}
catch (SettingException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync("urls: another process listens there already; end it, or choose another address with --urls.");
    return 1;
}
