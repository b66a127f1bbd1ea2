using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Policy;

/// <summary>
/// A token whose signature, issuer, audience and times have been checked (RFC 9068), with what it grants (RFC 9396).
/// Only <see cref="PolicyTokenReader"/> makes one.
/// </summary>
public sealed record PolicyToken
{
    /// <summary>jti.</summary>
    public required string Id { get; init; }

    /// <summary>sub, or client_id where there is none.</summary>
    public required string Subject { get; init; }

    public required string Issuer { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required IReadOnlyList<PolicyGrant> Grants { get; init; }

    /// <summary>The purpose of the first grant that allows the action there, for the audit log.</summary>
    public string? PurposeFor(PolicyActions action, string studyInstanceUid, PatientIdentity patient) =>
        Grants.FirstOrDefault(grant => grant.Allows(action) && grant.Covers(studyInstanceUid, patient))?.PurposeOfUse;

    /// <summary>Whether the token reaches the study at all, whatever it may do there: without that, the study does not exist for its bearer.</summary>
    public bool Covers(string studyInstanceUid, PatientIdentity patient) =>
        Grants.Any(grant => grant.Covers(studyInstanceUid, patient));

    /// <summary>Whether one and the same grant reaches the study and allows the action.</summary>
    public bool Allows(PolicyActions action, string studyInstanceUid, PatientIdentity patient) =>
        Grants.Any(grant => grant.Allows(action) && grant.Covers(studyInstanceUid, patient));

    /// <summary>Whether any grant allows the action, wherever.</summary>
    public bool AllowsSomewhere(PolicyActions action) => Grants.Any(grant => grant.Allows(action));

    /// <summary>Whether a grant over everything allows the action.</summary>
    public bool AllowsEverywhere(PolicyActions action) =>
        Grants.Any(grant => grant.Allows(action) && grant.Locations.Any(location => location is PolicyLocation.Everything));

    public override string ToString() => nameof(PolicyToken);
}

/// <summary>One authorization_details object: these actions, at these locations, for this purpose (HL7 v3 PurposeOfUse).</summary>
public sealed record PolicyGrant(PolicyActions Actions, IReadOnlyList<PolicyLocation> Locations, string PurposeOfUse)
{
    /// <summary>Whether it allows all of the actions. No action at all is none that could be allowed.</summary>
    public bool Allows(PolicyActions actions) => actions != PolicyActions.None && Actions.HasFlag(actions);

    public bool Covers(string studyInstanceUid, PatientIdentity patient) => Locations.Any(location => location switch
    {
        PolicyLocation.Everything => true,
        PolicyLocation.OfPatient named => named.Patient == patient,
        PolicyLocation.OfStudy study => study.StudyInstanceUid == studyInstanceUid,
        _ => false,
    });

    public override string ToString() => nameof(PolicyGrant);
}
