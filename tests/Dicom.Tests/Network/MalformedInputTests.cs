using SecureStore.Contracts.Fuzzing;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>Whatever comes over a connection is understood or refused, and takes little memory either way.</summary>
public class MalformedInputTests(ITestOutputHelper output)
{
    private const int Few = 10_000;
    private const int Many = 1_000_000;

    private static readonly DicomNetworkLimits Limits = new();

    private static FuzzTarget Associations => Target("association", ReadAssociation);

    private static FuzzTarget Conversations => Target("conversation", ReadConversation);

    private static FuzzTarget Commands => Target("command", ReadCommand);

    [Fact]
    public void Damaged_association_requests_and_answers() => output.WriteLine(Associations.Run(Few));

    [Fact]
    public void Damaged_messages() => output.WriteLine(Conversations.Run(Few));

    [Fact]
    public void Damaged_command_sets() => output.WriteLine(Commands.Run(Few));

    [Fact]
    [Trait("Long", "yes")]
    public void A_million_damaged_association_requests_and_answers() => output.WriteLine(Associations.Run(Many));

    [Fact]
    [Trait("Long", "yes")]
    public void A_million_damaged_messages() => output.WriteLine(Conversations.Run(Many));

    [Fact]
    [Trait("Long", "yes")]
    public void A_million_damaged_command_sets() => output.WriteLine(Commands.Run(Many));

    [Fact]
    public void Every_truncation_of_a_conversation_ends_it()
    {
        foreach (var bytes in FuzzTarget.Corpus("tests/vectors/fuzz/conversation").Take(8))
        {
            for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 2000))
                Assert.NotNull(Conversations.Record(bytes[..length]));
        }
    }

    private static FuzzTarget Target(string corpus, Func<byte[], Task> read) => new(
        FuzzTarget.Corpus("tests/vectors/fuzz/" + corpus), read,
        typeof(DicomNetworkException), typeof(DicomAssociationAbortedException), typeof(DicomDataException));

    private static DicomAssociation Agreed()
    {
        var contexts = DicomGen.Syntaxes.Select((syntax, index) =>
        {
            var context = new DicomPresentationContext((byte)((index * 2) + 1), "1.2.3", [syntax.UID]);
            context.Accept(syntax.UID);
            return context;
        });
        return new DicomAssociation { CalledAE = "A", CallingAE = "B", PresentationContexts = [.. contexts] };
    }

    private static async Task ReadAssociation(byte[] input)
    {
        await using var stream = new PduStream(new Wire(input), Limits, TimeProvider.System);
        var (type, body) = await AssociationPdus.ReadAsync(stream, Limits);
        var request = type == PduType.AssociateAC ? AssociatePdu.ReadAnswer(body, Agreed()) : AssociatePdu.ReadRequest(body).Association;
        AssociatePdu.WriteAnswer(request with { Roles = [], ExtendedNegotiations = [], UserIdentity = null });
    }

    private static async Task ReadConversation(byte[] input)
    {
        await using var stream = new PduStream(new Wire(input), Limits, TimeProvider.System);
        var connection = new DimseConnection(stream, Agreed(), Limits);
        while (await connection.ReadAsync(Limits.Idle) is { } message)
        {
            try
            {
                Answer(message);
                if (message.Type == DicomCommandField.CStoreRequest)
                    await message.OpenFile("PEER").CopyToAsync(Stream.Null);
                else
                    await message.ReadDatasetAsync(default);
            }
            catch (DicomDataException)
            {
                // Such a message is answered, and the association goes on.
            }
        }
    }

    private static Task ReadCommand(byte[] input)
    {
        Answer(new DicomMessage(Agreed().PresentationContexts[0], DimseCommandSet.Read(input), Stream.Null));
        return Task.CompletedTask;
    }

    private static void Answer(DicomMessage message)
    {
        Assert.NotEqual(message.IsResponse, (ushort)message.Type < 0x8000);
        DimseCommandSet.Write(DimseCommands.Response(message, DicomResponse.Success));
    }
}
