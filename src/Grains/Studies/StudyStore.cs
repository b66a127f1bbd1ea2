using Microsoft.Extensions.Logging;
using SecureStore.Grains.Policy;
using SecureStore.Grains.Storage;

namespace SecureStore.Grains.Studies;

/// <inheritdoc cref="IStudyStore"/>
public sealed class StudyStore(
    IGrainFactory grains, ICatalog catalog, IObjectStore objects, Vault.Vault vault, IPolicyTokens tokens, StudyOptions options, TimeProvider time,
    ILogger<StudyStore> logger)
    : IStudyStore
{
    public IStoreSession Begin(string token, string? onlyStudy, string? address, string patientIdIssuer = "", bool oneByOne = false) =>
        new StoreSession(this, token, onlyStudy, address, patientIdIssuer, oneByOne);

    internal IGrainFactory Grains => grains;

    internal ICatalog Catalog => catalog;

    internal IObjectStore Objects => objects;

    internal Vault.Vault Vault => vault;

    internal IPolicyTokens Tokens => tokens;

    internal StudyOptions Options => options;

    internal TimeProvider Time => time;

    internal ILogger Logger => logger;
}
