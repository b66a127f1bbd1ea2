using Microsoft.EntityFrameworkCore;
using SecureStore.Grains.Storage;

namespace SecureStore.Silo.Storage.VaultStore;

/// <summary>The vault's reads, compiled once for each kind of database: a compiled query belongs to one model.</summary>
internal sealed class VaultQueries
{
    public Func<VaultDbContext, VaultRowKind, Guid, Task<VaultEntity?>> Find { get; } = EF.CompileAsyncQuery(
        (VaultDbContext vault, VaultRowKind kind, Guid id) => vault.Keys.FirstOrDefault(row => row.Kind == kind && row.Id == id));

    public Func<VaultDbContext, Guid, Task<PatientEntities?>> FindPatient { get; } = EF.CompileAsyncQuery(
        (VaultDbContext vault, Guid id) => Patients(vault).FirstOrDefault(chain => chain.Patient.Id == id));

    public Func<VaultDbContext, byte[], Task<PatientEntities?>> FindIdentity { get; } = EF.CompileAsyncQuery(
        (VaultDbContext vault, byte[] identity) => Patients(vault).FirstOrDefault(chain => chain.Patient.LookUp == identity));

    public Func<VaultDbContext, Guid, Task<StudyEntities?>> FindStudy { get; } = EF.CompileAsyncQuery(
        (VaultDbContext vault, Guid id) => Studies(vault).FirstOrDefault(chain => chain.Study.Id == id));

    private static IQueryable<PatientEntities> Patients(VaultDbContext vault) =>
        from patient in vault.Keys
        where patient.Kind == VaultRowKind.Patient
        join page in vault.Keys on new { Kind = VaultRowKind.Page, Id = patient.Parent } equals new { page.Kind, page.Id }
        select new PatientEntities { Patient = patient, Page = page };

    public static IQueryable<StudyEntities> Studies(VaultDbContext vault) =>
        from study in vault.Keys
        where study.Kind == VaultRowKind.Study
        join patient in vault.Keys on new { Kind = VaultRowKind.Patient, Id = study.Parent } equals new { patient.Kind, patient.Id }
        join page in vault.Keys on new { Kind = VaultRowKind.Page, Id = patient.Parent } equals new { page.Kind, page.Id }
        select new StudyEntities { Study = study, Patient = patient, Page = page };

    internal sealed class PatientEntities
    {
        public required VaultEntity Patient { get; init; }

        public required VaultEntity Page { get; init; }

        public PatientKeyChain ToChain() => new(Patient.ToRow(), Page.ToRow());
    }

    internal sealed class StudyEntities
    {
        public required VaultEntity Study { get; init; }

        public required VaultEntity Patient { get; init; }

        public required VaultEntity Page { get; init; }

        public StudyKeyChain ToChain() => new(Study.ToRow(), Patient.ToRow(), Page.ToRow());
    }
}
