using SecureStore.Grains.Audit;
using SecureStore.Grains.Policy;

namespace SecureStore.Silo.Search;

/// <summary>What the audit log has of a search: who asked for what kind of thing, by which attributes; no value.</summary>
public static class SearchEvents
{
    public static AuditEvent Of(PolicyToken token, StudyQuery query, string? address, TimeProvider clock) => new()
    {
        Id = Guid.NewGuid(),
        Time = clock.GetUtcNow(),
        Action = AuditAction.Query,
        Actor = token.Subject,
        TokenId = token.Id,
        TokenIssuer = token.Issuer,
        PurposeOfUse = token.Grants.First(grant => grant.Actions.HasFlag(PolicyActions.Search)).PurposeOfUse,
        PolicyAction = "search",
        StudyInstanceUid = query.StudyUid,
        Detail = $"{query.Level}: {query.KeyNames}".TrimEnd(' ', ':'),
        Address = address,
    };
}
