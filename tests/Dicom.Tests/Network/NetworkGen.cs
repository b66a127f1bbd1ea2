using CsCheck;
using SecureStore.Dicom.Network;

namespace SecureStore.Dicom.Tests.Network;

/// <summary>Associations and command sets as they come, and text that is equal where they are.</summary>
internal static class NetworkGen
{
    private static readonly DicomTag[] Numbers =
    [
        DicomTag.CommandField, DicomTag.MessageID, DicomTag.MessageIDBeingRespondedTo, DicomTag.Priority, DicomTag.CommandDataSetType,
        DicomTag.Status, DicomTag.EventTypeID, DicomTag.ActionTypeID, DicomTag.NumberOfRemainingSuboperations, DicomTag.MoveOriginatorMessageID,
    ];

    private static readonly DicomTag[] Texts =
    [
        DicomTag.AffectedSOPClassUID, DicomTag.RequestedSOPClassUID, DicomTag.AffectedSOPInstanceUID, DicomTag.MoveDestination,
        DicomTag.ErrorComment, DicomTag.MoveOriginatorApplicationEntityTitle,
    ];

    public static Gen<string> Uid => Gen.Int[0, int.MaxValue].Array[1, 5].Select(parts => "1.2." + string.Join('.', parts));

    public static Gen<DicomAssociation> Request =>
        Gen.Select(Common, Context.Array[0, 8], Gen.Select(OneOf(Enum.GetValues<DicomUserIdentityType>()), Gen.Bool, Bytes, Bytes, Gen.Bool), (common, contexts, identity) =>
            common with
            {
                PresentationContexts = [.. contexts.Select((context, index) => new DicomPresentationContext((byte)((index * 2) + 1), context.Abstract, context.Syntaxes))],
                UserIdentity = identity.Item5 ? new(identity.Item1, identity.Item2, identity.Item3, identity.Item4) : null,
            });

    /// <summary>An answer to a request: some of its contexts accepted, in any of their transfer syntaxes.</summary>
    public static Gen<DicomAssociation> AnswerTo(DicomAssociation request) =>
        Gen.Select(Common, Gen.Int[0, 8].Array[request.PresentationContexts.Count], Gen.Bool, (common, choices, confirms) => common with
        {
            CalledAE = request.CalledAE,
            CallingAE = request.CallingAE,
            ConfirmsUserIdentity = confirms,
            PresentationContexts = [.. request.PresentationContexts.Zip(choices, Answered)],
        });

    public static Gen<DicomDataset> Command =>
        Gen.Select(
            Gen.Select(OneOf(Numbers), Gen.UShort).Array[0, 6],
            Gen.Select(OneOf(Texts), Gen.String[Gen.Char['0', '9'], 0, 16]).Array[0, 4],
            (numbers, texts) =>
            {
                var command = new DicomDataset();
                foreach (var (tag, number) in numbers)
                    command.AddOrUpdate(tag, (long)number);
                foreach (var (tag, text) in texts)
                    command.AddOrUpdate(tag, text);

                return command;
            });

    public static string Dump(DicomAssociation association) => string.Join('\n',
    [
        $"{association.CallingAE}|{association.CalledAE}|{association.ApplicationContextName}|{association.MaximumPDULength}",
        $"{association.ImplementationClassUID}|{association.ImplementationVersionName}|{association.AsynchronousOperations}|{association.ConfirmsUserIdentity}",
        .. association.PresentationContexts.Select(context =>
            $"{context.ID} {context.AbstractSyntax} {string.Join(',', context.TransferSyntaxes)} {context.Result} {context.AcceptedTransferSyntax}"),
        .. association.Roles.Select(role => role.ToString()),
        .. association.ExtendedNegotiations.Select(item => $"{item.SOPClassUID} {Convert.ToHexString(item.Information.Span)}"),
        association.UserIdentity is { } who
            ? $"{who.Type} {who.WantsResponse} {Convert.ToHexString(who.Primary.Span)} {Convert.ToHexString(who.Secondary.Span)}"
            : "",
    ]);

    public static DicomPresentationContext Copy(DicomPresentationContext context) => new(context.ID, context.AbstractSyntax, context.TransferSyntaxes);

    private static Gen<byte[]> Bytes => Gen.Byte.Array[0, 40];

    private static Gen<string> Name => Gen.String[Gen.Char['!', '~'], 1, 16];

    private static Gen<(string Abstract, string[] Syntaxes)> Context => Gen.Select(Uid, Uid.Array[0, 4]);

    private static Gen<DicomAssociation> Common =>
        Gen.Select(
            Gen.Select(Name, Name, Name, Uid),
            Gen.Select(Gen.UInt, Gen.UShort, Gen.UShort, Gen.Bool),
            Gen.Select(Uid, Gen.Bool, Gen.Bool).Array[0, 4],
            Gen.Select(Uid, Bytes).Array[0, 4],
            (names, numbers, roles, extended) => new DicomAssociation
            {
                CalledAE = names.Item1,
                CallingAE = names.Item2,
                ImplementationVersionName = names.Item3,
                ImplementationClassUID = names.Item4,
                MaximumPDULength = numbers.Item1,
                AsynchronousOperations = numbers.Item4 ? (numbers.Item2, numbers.Item3) : null,
                Roles = [.. roles.Select(role => new DicomRoleSelection(role.Item1, role.Item2, role.Item3))],
                ExtendedNegotiations = [.. extended.Select(item => (item.Item1, (ReadOnlyMemory<byte>)item.Item2))],
            });

    private static Gen<T> OneOf<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static DicomPresentationContext Answered(DicomPresentationContext asked, int choice)
    {
        var context = Copy(asked);
        if (choice < asked.TransferSyntaxes.Count)
            context.Accept(asked.TransferSyntaxes[choice]);
        else
            context.Reject((DicomPresentationContextResult)((choice % 4) + 1));

        return context;
    }
}
