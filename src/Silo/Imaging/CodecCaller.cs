using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Imaging;

/// <summary>For whom a worker works: a worker sees frames of one study only, and one reader's requests leave room for others'.</summary>
internal readonly record struct CodecCaller(StudyHandle Study, string Reader)
{
    public static CodecCaller Of(IReadSession session) => new(session.Study, session.Reader);
}
