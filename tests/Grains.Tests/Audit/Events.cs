using CsCheck;
using SecureStore.Grains.Audit;
using SecureStore.Grains.Patients;

namespace SecureStore.Grains.Tests.Audit;

internal static class Events
{
    public static readonly Gen<AuditEvent> Any = Gen.Select(Gen.Guid, Gen.DateTimeOffset, Gen.Enum<AuditAction>(), Gen.String, Gen.String, Gen.Long)
        .Select((id, time, action, actor, text, number) => new AuditEvent
        {
            Id = id,
            Time = time,
            Action = action,
            Actor = actor,
            TokenId = text,
            Patient = number % 2 == 0 ? new PatientIdentity(text, actor) : PatientIdentity.ForStudyAlone(text),
            Reason = text,
            Instances = number,
            Session = id,
        });

    public static AuditEvent New(string actor = "someone") => new()
    {
        Id = Guid.NewGuid(),
        Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Action = AuditAction.StudyOpened,
        Actor = actor,
        StudyInstanceUid = "1.2.840.99999.7",
        Patient = new PatientIdentity("HOSP", "PLANTED-PATIENT-ID"),
    };
}
