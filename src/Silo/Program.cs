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
