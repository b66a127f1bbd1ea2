using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SecureStore.Dicom.Network;

/// <summary>A-ASSOCIATE-RQ and A-ASSOCIATE-AC as bytes (PS3.8 9.3.2 and 9.3.3, PS3.7 annex D). Unknown items are passed over, as PS3.8 wants it.</summary>
internal static class AssociatePdu
{
    private const ushort ProtocolVersion = 1;
    private const int MaxContexts = 128;
    private const int MaxTransferSyntaxes = 256;
    private const int MaxItems = 4096;

    /// <param name="body">What stands behind the PDU's length.</param>
    /// <exception cref="DicomNetworkException">It is malformed.</exception>
    public static (DicomAssociation Association, bool IsVersionSupported) ReadRequest(ReadOnlySpan<byte> body) => Read(body, ItemType.PresentationContextRQ);

    /// <param name="body">What stands behind the PDU's length.</param>
    /// <param name="request">What was asked for: its contexts get their answers.</param>
    /// <exception cref="DicomNetworkException">It is malformed, or answers what was not asked.</exception>
    public static DicomAssociation ReadAnswer(ReadOnlySpan<byte> body, DicomAssociation request)
    {
        var (answer, _) = Read(body, ItemType.PresentationContextAC);
        foreach (var context in request.PresentationContexts)
        {
            var answered = answer.PresentationContexts.FirstOrDefault(one => one.ID == context.ID);
            if (answered is { AcceptedTransferSyntax: { } syntax } && context.TransferSyntaxes.Contains(syntax))
                context.Accept(syntax);
            else
                context.Reject(answered?.Result is { } result and not DicomPresentationContextResult.Accept ? result : DicomPresentationContextResult.RejectNoReason);
        }

        return answer with { CalledAE = request.CalledAE, CallingAE = request.CallingAE, PresentationContexts = request.PresentationContexts };
    }

    public static byte[] WriteRequest(DicomAssociation association) => Write(PduType.AssociateRQ, association);

    public static byte[] WriteAnswer(DicomAssociation association) => Write(PduType.AssociateAC, association);

    private static (DicomAssociation Association, bool IsVersionSupported) Read(ReadOnlySpan<byte> body, ItemType contextType)
    {
        var reader = new ItemReader(body);
        var version = reader.UInt16();
        reader.Skip(2);
        var association = new DicomAssociation { CalledAE = reader.Text(DicomAssociation.MaxAELength), CallingAE = reader.Text(DicomAssociation.MaxAELength), ApplicationContextName = "" };
        reader.Skip(32);
        var contexts = new List<DicomPresentationContext>();
        for (var count = 0; !reader.IsAtEnd; count++)
        {
            if (count == MaxItems)
                throw new DicomNetworkException("There are too many items.");

            var item = reader.Item(out var type);
            if (type == ItemType.ApplicationContext)
                association = association with { ApplicationContextName = item.Uid() };
            else if (type == contextType)
                contexts.Add(type == ItemType.PresentationContextRQ ? ReadContext(item) : ReadContextAnswer(item));
            else if (type == ItemType.UserInformation)
                association = ReadUserInformation(item, association);

            if (contexts.Count > MaxContexts)
                throw new DicomNetworkException("There are more presentation contexts than have numbers.");
        }

        if (contexts.Select(context => context.ID).Distinct().Count() != contexts.Count)
            throw new DicomNetworkException("Two presentation contexts have one number.");

        return (association with { PresentationContexts = contexts }, (version & ProtocolVersion) != 0);
    }

    private static DicomPresentationContext ReadContext(ItemReader item)
    {
        var id = ContextId(ref item);
        item.Skip(3);
        string? abstractSyntax = null;
        var transferSyntaxes = new List<string>();
        while (!item.IsAtEnd)
        {
            var part = item.Item(out var type);
            if (type == ItemType.AbstractSyntax)
                abstractSyntax = part.Uid();
            else if (type == ItemType.TransferSyntax)
                transferSyntaxes.Add(part.Uid());

            if (transferSyntaxes.Count > MaxTransferSyntaxes)
                throw new DicomNetworkException("A presentation context has too many transfer syntaxes.");
        }

        return new(id, abstractSyntax ?? throw new DicomNetworkException("A presentation context has no abstract syntax."), transferSyntaxes);
    }

    private static DicomPresentationContext ReadContextAnswer(ItemReader item)
    {
        var id = ContextId(ref item);
        item.Skip(1);
        var result = (DicomPresentationContextResult)item.Byte();
        item.Skip(1);
        var context = new DicomPresentationContext(id, "", []);
        if (result != DicomPresentationContextResult.Accept)
        {
            context.Reject(result);
            return context;
        }

        while (!item.IsAtEnd)
        {
            var part = item.Item(out var type);
            if (type == ItemType.TransferSyntax)
                context.Accept(part.Uid());
        }

        return context;
    }

    private static byte ContextId(ref ItemReader item)
    {
        var id = item.Byte();
        return id % 2 == 1 ? id : throw new DicomNetworkException("The number of a presentation context is even.");
    }

    private static DicomAssociation ReadUserInformation(ItemReader item, DicomAssociation association)
    {
        var roles = new List<DicomRoleSelection>();
        var extended = new List<(string, ReadOnlyMemory<byte>)>();
        var common = new List<(string, string)>();
        for (var count = 0; !item.IsAtEnd; count++)
        {
            if (count == MaxItems)
                throw new DicomNetworkException("There are too many items of user information.");

            var part = item.Item(out var type);
            switch (type)
            {
                case ItemType.MaximumLength:
                    association = association with { MaximumPDULength = part.UInt32() };
                    break;
                case ItemType.ImplementationClassUID:
                    association = association with { ImplementationClassUID = part.Text() };
                    break;
                case ItemType.ImplementationVersionName:
                    association = association with { ImplementationVersionName = part.Text() };
                    break;
                case ItemType.AsynchronousOperations:
                    association = association with { AsynchronousOperations = (part.UInt16(), part.UInt16()) };
                    break;
                case ItemType.RoleSelection:
                    roles.Add(new(part.SizedUid(), part.Byte() == 1, part.Byte() == 1));
                    break;
                case ItemType.ExtendedNegotiation:
                    extended.Add((part.SizedUid(), part.Rest().ToArray()));
                    break;
                case ItemType.CommonExtendedNegotiation:
                    common.Add((part.SizedUid(), part.SizedUid()));
                    break;
                case ItemType.UserIdentityRQ:
                    association = association with { UserIdentity = ReadIdentity(part) };
                    break;
                case ItemType.UserIdentityAC:
                    association = association with { ConfirmsUserIdentity = true };
                    break;
            }
        }

        return association with { Roles = roles, ExtendedNegotiations = extended, CommonExtendedNegotiations = common };
    }

    private static DicomUserIdentity ReadIdentity(ItemReader part)
    {
        var type = (DicomUserIdentityType)part.Byte();
        var wantsResponse = part.Byte() == 1;
        var primary = part.Bytes(part.UInt16()).ToArray();
        return new(type, wantsResponse, primary, part.IsAtEnd ? ReadOnlyMemory<byte>.Empty : part.Bytes(part.UInt16()).ToArray());
    }

    private static byte[] Write(PduType pdu, DicomAssociation association)
    {
        var isRequest = pdu == PduType.AssociateRQ;
        var output = new ArrayBufferWriter<byte>();
        UInt16(output, ProtocolVersion);
        UInt16(output, 0);
        AE(output, association.CalledAE);
        AE(output, association.CallingAE);
        output.Write(new byte[32]);
        Item(output, ItemType.ApplicationContext, Ascii(DicomUID.DICOMApplicationContext.UID));
        foreach (var context in association.PresentationContexts)
            Item(output, isRequest ? ItemType.PresentationContextRQ : ItemType.PresentationContextAC, isRequest ? Context(context) : Answer(context));

        Item(output, ItemType.UserInformation, UserInformation(association, isRequest));
        return Pdu(pdu, output.WrittenSpan);
    }

    /// <summary>A PDU of any type around its body.</summary>
    public static byte[] Pdu(PduType type, ReadOnlySpan<byte> body)
    {
        var pdu = new byte[6 + body.Length];
        pdu[0] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(2), (uint)body.Length);
        body.CopyTo(pdu.AsSpan(6));
        return pdu;
    }

    private static ReadOnlySpan<byte> Context(DicomPresentationContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write<byte>([context.ID, 0, 0, 0]);
        Item(output, ItemType.AbstractSyntax, Ascii(context.AbstractSyntax));
        foreach (var syntax in context.TransferSyntaxes)
            Item(output, ItemType.TransferSyntax, Ascii(syntax));

        return output.WrittenSpan;
    }

    /// <summary>A refused context has a transfer syntax, too, which means nothing (PS3.8 9.3.3.2).</summary>
    private static ReadOnlySpan<byte> Answer(DicomPresentationContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write<byte>([context.ID, 0, (byte)context.Result, 0]);
        Item(output, ItemType.TransferSyntax, Ascii(context.AcceptedTransferSyntax ?? DicomTransferSyntax.ImplicitVRLittleEndian.UID));
        return output.WrittenSpan;
    }

    private static ReadOnlySpan<byte> UserInformation(DicomAssociation association, bool isRequest)
    {
        var output = new ArrayBufferWriter<byte>();
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, association.MaximumPDULength);
        Item(output, ItemType.MaximumLength, length);
        Item(output, ItemType.ImplementationClassUID, Ascii(association.ImplementationClassUID));
        if (association.AsynchronousOperations is { } window)
        {
            var both = new byte[4];
            BinaryPrimitives.WriteUInt16BigEndian(both, window.Invoked);
            BinaryPrimitives.WriteUInt16BigEndian(both.AsSpan(2), window.Performed);
            Item(output, ItemType.AsynchronousOperations, both);
        }

        foreach (var role in association.Roles)
            Item(output, ItemType.RoleSelection, [.. Sized(role.SOPClassUID), role.IsUser ? (byte)1 : (byte)0, role.IsProvider ? (byte)1 : (byte)0]);

        Item(output, ItemType.ImplementationVersionName, Ascii(association.ImplementationVersionName));
        foreach (var (uid, information) in association.ExtendedNegotiations)
            Item(output, ItemType.ExtendedNegotiation, [.. Sized(uid), .. information.Span]);

        if (isRequest && association.UserIdentity is { } identity)
            Item(output, ItemType.UserIdentityRQ, [(byte)identity.Type, identity.WantsResponse ? (byte)1 : (byte)0, .. Sized(identity.Primary.Span), .. Sized(identity.Secondary.Span)]);

        if (!isRequest && association.ConfirmsUserIdentity)
            Item(output, ItemType.UserIdentityAC, Sized(""));

        return output.WrittenSpan;
    }

    private static void Item(ArrayBufferWriter<byte> output, ItemType type, ReadOnlySpan<byte> value)
    {
        output.Write<byte>([(byte)type, 0]);
        UInt16(output, checked((ushort)value.Length));
        output.Write(value);
    }

    private static void UInt16(ArrayBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private static void AE(ArrayBufferWriter<byte> output, string title) => output.Write(Ascii(title.PadRight(DicomAssociation.MaxAELength)));

    private static byte[] Sized(string text) => Sized(Ascii(text));

    private static byte[] Sized(ReadOnlySpan<byte> value)
    {
        var all = new byte[2 + value.Length];
        BinaryPrimitives.WriteUInt16BigEndian(all, checked((ushort)value.Length));
        value.CopyTo(all.AsSpan(2));
        return all;
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
