using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace SecureStore.Client.Tests;

/// <summary>A request as it came in.</summary>
public sealed record SeenRequest(string Method, string Target, string? Authorization, string Body);

/// <summary>An archive for tests: Kestrel on a free port of the loopback, with the answers that a test gives it.</summary>
public sealed class FakeArchive : IAsyncDisposable
{
    readonly WebApplication _app;

    FakeArchive(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>Starts an archive that answers as told.</summary>
    /// <param name="certificate">For https; null for http.</param>
    public static async Task<FakeArchive> StartAsync(Func<HttpContext, Task> answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o =>
        {
            o.Limits.MaxRequestBodySize = null;
            o.Listen(IPAddress.Loopback, 0, listen => _ = certificate is null ? listen : listen.UseHttps(certificate));
        });
        var archive = new FakeArchive(builder.Build());
        archive._app.Run(async context =>
        {
            var request = context.Request;
            var isForm = request.ContentType is "application/x-www-form-urlencoded" or "application/json; charset=utf-8";
            var body = isForm ? await new StreamReader(request.Body).ReadToEndAsync() : "";
            archive.Requests.Enqueue(new SeenRequest(
                request.Method, request.Path + request.QueryString, request.Headers.Authorization, body));
            await answer(context);
        });
        await archive._app.StartAsync();
        return archive;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Answers with a body.</summary>
    public static Task WriteAsync(HttpContext context, string body, string type = "application/json", int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body);
    }

    /// <summary>The parts of a STOW-RS request.</summary>
    public static async Task<List<byte[]>> PartsAsync(HttpContext context)
    {
        var type = MediaTypeHeaderValue.Parse(context.Request.ContentType);
        Assert.Equal("multipart/related", type.MediaType.Value);
        Assert.Equal("\"application/dicom\"", type.Parameters.Single(p => p.Name == "type").Value.Value);
        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).Value!, context.Request.Body);
        var parts = new List<byte[]>();
        while (await reader.ReadNextSectionAsync() is { } section)
        {
            Assert.Equal("application/dicom", section.ContentType);
            using var body = new MemoryStream();
            await section.Body.CopyToAsync(body);
            parts.Add(body.ToArray());
        }

        return parts;
    }

    /// <summary>A STOW-RS answer: what was stored, and what was refused with its reason.</summary>
    public static Task AnswerStoreAsync(
        HttpContext context, IEnumerable<string> stored, IEnumerable<(string Uid, int Reason)>? refused = null, int otherFailures = 0)
    {
        var (good, bad) = (stored.ToArray(), refused?.ToArray() ?? []);
        var failures = bad.Length + otherFailures;
        var references = string.Join(",", good.Select(u => "{" + Uid(u) + "}"));
        var failed = string.Join(",", bad.Select(f => "{" + Uid(f.Uid) + ",\"00081197\":{\"vr\":\"US\",\"Value\":[" + f.Reason + "]}}"));
        var other = string.Join(",", Enumerable.Repeat("""{"00081197":{"vr":"US","Value":[49152]}}""", otherFailures));
        return WriteAsync(
            context,
            $$$"""{"00081199":{"vr":"SQ","Value":[{{{references}}}]},"00081198":{"vr":"SQ","Value":[{{{failed}}}]},"0008119A":{"vr":"SQ","Value":[{{{other}}}]}}""",
            "application/dicom+json",
            failures == 0 ? 200 : good.Length == 0 ? 409 : 202);
    }

    static string Uid(string uid) => "\"00081155\":{\"vr\":\"UI\",\"Value\":[\"" + uid + "\"]}";

    /// <summary>A WADO-RS answer of these instances.</summary>
    public static async Task AnswerInstancesAsync(HttpContext context, IEnumerable<byte[]> instances, bool closed = true)
    {
        context.Response.ContentType = "multipart/related; type=\"application/dicom\"; boundary=\"a-b-c\"";
        foreach (var instance in instances)
        {
            await context.Response.Body.WriteAsync("\r\n--a-b-c\r\nContent-Type: application/dicom\r\n\r\n"u8.ToArray());
            await context.Response.Body.WriteAsync(instance);
        }

        if (closed)
        {
            await context.Response.Body.WriteAsync("\r\n--a-b-c--\r\n"u8.ToArray());
        }
    }
}
