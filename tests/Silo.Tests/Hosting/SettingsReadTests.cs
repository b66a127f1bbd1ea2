using Microsoft.Extensions.Configuration;
using SecureStore.Silo.DicomWeb;
using SecureStore.Silo.Hosting;

namespace SecureStore.Silo.Tests.Hosting;

public class SettingsReadTests
{
    [Theory]
    [InlineData("Vault:BackupWindw", "0.00:00:00")]
    [InlineData("Data:Pth", "elsewhere")]
    [InlineData("DicomWeb:StrictTransferSyntaxes", "true")]
    [InlineData("Http:AllowPlaintextBeyondLoopbck", "false")]
    [InlineData("Tokens:Audiences", "other")]
    [InlineData("urls", "nonsense")]
    [InlineData("urls", "")]
    [InlineData("urls", "http://0.0.0.0:80")]
    [InlineData("Kestrel:Endpoints:Second:Url", "http://0.0.0.0:80")]
    [InlineData("Kestrel:Endpoints:Second:Url", "http://*:80")]
    public void A_setting_that_is_wrong_or_does_not_exist_is_refused_by_its_name(string setting, string value)
    {
        var wrong = Assert.Throws<SettingException>(() => Settings.Read(Configured((setting, value))));
        Assert.StartsWith(setting, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Valut:BackupWindow")]
    [InlineData("Datas:Path")]
    public void A_section_that_does_not_exist_is_refused_by_its_name(string setting)
    {
        var wrong = Assert.Throws<SettingException>(() => Settings.RefuseUnknownSections(Configured((setting, "x"))));
        Assert.StartsWith(setting, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DicomWeb:MaxParts", "0")]
    [InlineData("DicomWeb:MaxParts", "many")]
    [InlineData("DicomWeb:StrictTransferSyntax", "perhaps")]
    [InlineData("DicomWeb:CorsOrigins:0", "viewer.example")]
    public void What_is_wrong_with_DICOMweb_is_said_in_one_sentence(string setting, string value) =>
        Assert.StartsWith("DicomWeb:", Assert.Throws<SettingException>(
            () => DicomWebRoutes.Check(Configured((setting, value)).GetSection(DicomWebOptions.Section))).Message, StringComparison.Ordinal);

    [Fact]
    public void Settings_that_exist_are_taken_in_any_case()
    {
        var configuration = Configured(
            ("vault:backupwindow", "1.00:00:00"), ("Kestrel:Endpoints:Second:Url", "https://*:443"), ("Logging:LogLevel:Default", "Trace"),
            ("DicomWeb:CorsOrigins:0", "https://viewer.example"), ("urls", "http://[::1]:1;http://localhost:2"));
        Assert.Equal(TimeSpan.FromDays(1), Settings.Read(configuration).Vault.BackupWindow);
        Settings.RefuseUnknownSections(configuration);
    }

    [Fact]
    public void Keys_that_lie_in_the_data_by_a_symbolic_link_are_refused()
    {
        var folder = Directory.CreateTempSubdirectory("settings");
        try
        {
            var data = folder.CreateSubdirectory("data");
            data.CreateSubdirectory("hidden");
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "elsewhere"), "data/hidden");
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "again"), Path.Combine(folder.FullName, "data"));
            foreach (var keys in new[] { "elsewhere", "elsewhere/keys", "again/keys", "again" })
            {
                Assert.Throws<SettingException>(() => Settings.Read(Configured(
                    ("Data:Path", data.FullName), ("Keys:Path", Path.Combine(folder.FullName, keys)))));
            }

            Assert.NotNull(Settings.Read(Configured(("Data:Path", data.FullName), ("Keys:Path", Path.Combine(folder.FullName, "keys")))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IConfiguration Configured(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
}
