using SecureStore.Grains.Patients;
using SecureStore.Grains.Policy;

namespace SecureStore.Silo.Search;

/// <summary>The studies that a token lets its bearer search: a condition of every query.</summary>
public sealed record SearchScope
{
    /// <summary>True for every study there is; the lists do not count then.</summary>
    public bool Everything { get; private init; }

    public IReadOnlyList<PatientIdentity> Patients { get; private init; } = [];

    /// <summary>Study Instance UIDs.</summary>
    public IReadOnlyList<string> Studies { get; private init; } = [];

    /// <summary>Null where no grant of the token allows searching anything.</summary>
    public static SearchScope? Of(PolicyToken token)
    {
        if (!token.AllowsSomewhere(PolicyActions.Search))
            return null;

        var locations = token.Grants.Where(grant => grant.Actions.HasFlag(PolicyActions.Search))
            .SelectMany(grant => grant.Locations).ToList();
        return new()
        {
            Everything = locations.Any(location => location is PolicyLocation.Everything),
            Patients = [.. locations.OfType<PolicyLocation.OfPatient>().Select(location => location.Patient).Distinct()],
            Studies = [.. locations.OfType<PolicyLocation.OfStudy>().Select(location => location.StudyInstanceUid).Distinct()],
        };
    }

    public override string ToString() => nameof(SearchScope);
}
