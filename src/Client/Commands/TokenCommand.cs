using System.CommandLine;
using System.Globalization;

namespace SecureStore.Client.Commands;

/// <summary><c>token issue</c> and <c>token revoke</c>.</summary>
static class TokenCommand
{
    const string DefaultAdminFile = "keys/admin.json";
    const long Shortest = 60; // seconds
    const long Longest = 24 * 60 * 60;

    public static Command Create(CommandContext context) =>
        new("token", "Issue and revoke policy tokens.") { CreateIssue(context), CreateRevoke(context) };

    static Command CreateIssue(CommandContext context)
    {
        var actions = new Option<string>("--actions")
        {
            Description = $"What the token allows, separated by commas: {string.Join(", ", TokenRequest.KnownActions)}.",
            HelpName = "ACTIONS",
            Required = true,
        };
        var purpose = new Option<string>("--purpose")
        {
            Description = "What for: an HL7 PurposeOfUse code such as TREAT, ETREAT, HRESCH, HOPERAT or PATRQT.",
            HelpName = "CODE",
            Required = true,
        };
        var patient = new Option<string?>("--patient") { Description = "Only for the studies of the patient with this Patient ID.", HelpName = "ID" };
        var issuer = new Option<string?>("--issuer") { Description = "The issuer of that Patient ID.", HelpName = "X" };
        var study = new Option<string?>("--study") { Description = "Only for this study.", HelpName = "UID" };
        var expires = new Option<string>("--expires")
        {
            Description = "How long it is valid: a number with s, m, h or d, from 60s to 1d.",
            HelpName = "TIME",
            DefaultValueFactory = _ => "1h",
        };
        var admin = AdminOption($"The administrator's credentials that the archive wrote at its first start. Default: {DefaultAdminFile}");
        var command = new Command("issue", "Issue a token and print it, and nothing else. Without --patient or --study it is for everything.")
        {
            actions, purpose, patient, issuer, study, expires, admin,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = new TokenRequest
            {
                Actions = ActionsOf(parsed.GetValue(actions)!),
                PurposeOfUse = parsed.GetValue(purpose)!,
                Location = LocationOf(parsed.GetValue(patient), parsed.GetValue(issuer), parsed.GetValue(study)),
                Expires = DurationOf(parsed.GetValue(expires)!),
            };
            using var client = context.ConnectWithoutToken(parsed);
            var credentials = AdminCredentials.Load(parsed.GetValue(admin) ?? DefaultAdminFile);
            context.Results.Line(await client.TokenAsync(request, credentials, cancellation).ConfigureAwait(false));
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static Command CreateRevoke(CommandContext context)
    {
        var jti = new Argument<string>("JTI") { Description = "The token's identifier, its jti claim." };
        var admin = AdminOption($"The administrator's credentials. Default: the token if there is one, else {DefaultAdminFile}");
        var command = new Command("revoke", "Revoke a token: from now on the archive refuses it.") { jti, admin };
        command.SetAction(async (parsed, cancellation) =>
        {
            var file = parsed.GetValue(admin) ?? (context.TokenOf(parsed) is null ? DefaultAdminFile : null);
            var credentials = file is null ? null : AdminCredentials.Load(file);
            using var client = credentials is null ? context.Connect(parsed) : context.ConnectWithoutToken(parsed);
            await client.RevokeAsync(parsed.GetValue(jti)!, credentials, cancellation).ConfigureAwait(false);
            context.Messages.Line("The token is revoked.");
            return SecureStoreCommand.ExitCode(true);
        });
        return command;
    }

    static Option<string?> AdminOption(string description) => new("--admin") { Description = description, HelpName = "FILE" };

    static string[] ActionsOf(string text)
    {
        var actions = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (actions.Length == 0)
        {
            throw new UsageException("--actions names no action");
        }

        var unknown = actions.FirstOrDefault(a => !TokenRequest.KnownActions.Contains(a));
        return unknown is null
            ? actions
            : throw new UsageException($"'{unknown}' is not an action; there are {string.Join(", ", TokenRequest.KnownActions)}");
    }

    static string LocationOf(string? patient, string? issuer, string? study) => (patient, issuer, study) switch
    {
        (null, null, null) => TokenRequest.Everything,
        (null, null, { } uid) => TokenRequest.OfStudy(CommandContext.CheckUid(uid)),
        ({ } id, _, null) => TokenRequest.OfPatient(issuer, id),
        ({ }, _, { }) => throw new UsageException("give --patient or --study, not both"),
        _ => throw new UsageException("--issuer goes with --patient"),
    };

    static TimeSpan DurationOf(string text)
    {
        var unit = text.Length < 2 ? 0 : text[^1] switch { 's' => 1L, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        return unit > 0
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, null, out var number)
            && number * unit is >= Shortest and <= Longest and var seconds
                ? TimeSpan.FromSeconds(seconds)
                : throw new UsageException("--expires must be a time from 60s to 1d, such as 90s, 15m, 8h or 1d");
    }
}
