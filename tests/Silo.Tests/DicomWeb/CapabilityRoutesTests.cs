using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.Routing;

namespace SecureStore.Silo.Tests;

public class CapabilityRoutesTests
{
    private const string Wadl = "application/vnd.sun.wadl+xml";
    private static readonly XNamespace Namespace = "http://wadl.dev.java.net/2009/02";

    [Fact]
    public async Task The_description_names_every_route_and_no_other()
    {
        await using var server = await DicomWebServer.StartAsync();
        var mapped = server.Routes.SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            .Where(method => method != "OPTIONS").Select(method => $"{method} {route.RoutePattern.RawText!.Replace("**", "")}")).Order().ToList();
        Assert.True(mapped.Count > 15);

        using var xml = await OptionsAsync(server, "/dicom-web/");
        Assert.Equal(Wadl, xml.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", xml.Headers.CacheControl!.ToString());
        var resources = XDocument.Parse(await xml.Content.ReadAsStringAsync()).Root!.Element(Namespace + "resources")!;
        Assert.Equal($"{server.Client.BaseAddress}dicom-web", resources.Attribute("base")!.Value);
        Assert.Equal(mapped, resources.Elements().SelectMany(resource => Methods(resource, "/dicom-web")).Order());
        Assert.All(resources.Descendants(Namespace + "method"), method => Assert.NotEmpty(method.Descendants(Namespace + "representation")));

        using var json = await OptionsAsync(server, "/dicom-web", "application/json");
        Assert.Equal("application/json", json.Content.Headers.ContentType!.ToString());
        var root = JsonDocument.Parse(await json.Content.ReadAsStringAsync()).RootElement.GetProperty("application").GetProperty("resources");
        Assert.Equal(mapped, root.GetProperty("resource").EnumerateArray().SelectMany(resource => Methods(resource, "/dicom-web")).Order());
    }

    [Theory]
    [InlineData("/dicom-web/studies", "GET, POST, OPTIONS", "studies")]
    [InlineData("/dicom-web/studies/1.2.3/series", "GET, OPTIONS", "studies/{study}/series")]
    [InlineData("/dicom-web/studies/1.2.3/series/1.2/instances/1.2/bulkdata/00081140/0/00081155", "GET, OPTIONS", "studies/{study}/series/{series}/instances/{instance}/bulkdata/{path}")]
    public async Task A_resource_describes_itself_and_what_is_below_it(string path, string allow, string named)
    {
        await using var server = await DicomWebServer.StartAsync();
        using var response = await OptionsAsync(server, path);
        Assert.Equal(allow.Split(", ").Order(), response.Content.Headers.Allow.Order());
        var resource = Assert.Single(XDocument.Parse(await response.Content.ReadAsStringAsync()).Root!.Element(Namespace + "resources")!.Elements());
        Assert.Equal(named, resource.Attribute("path")!.Value);
        Assert.DoesNotContain("1.2", resource.ToString());
    }

    [Fact]
    public async Task Who_brings_no_token_or_asks_for_another_form_or_resource_gets_none()
    {
        await using var server = await DicomWebServer.StartAsync();
        using var other = await OptionsAsync(server, "/dicom-web", "text/html");
        Assert.Equal(HttpStatusCode.NotAcceptable, other.StatusCode);
        using var unknown = await OptionsAsync(server, "/dicom-web/workitems");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        server.Client.DefaultRequestHeaders.Authorization = null;
        using var anonymous = await OptionsAsync(server, "/dicom-web");
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    /// <summary>A browser's question is answered as it was before there were descriptions: for a named origin, GET and POST.</summary>
    [Theory]
    [InlineData("https://viewer.example", "GET", true)]
    [InlineData("https://viewer.example", "DELETE", false)]
    [InlineData("https://viewer.example", "OPTIONS", false)]
    [InlineData("https://evil.example", "GET", false)]
    public async Task Pages_of_other_origins_are_let_in_as_before(string origin, string method, bool isAllowed)
    {
        await using var server = await DicomWebServer.StartAsync(("DicomWeb:CorsOrigins:0", "https://viewer.example"));
        server.Client.DefaultRequestHeaders.Authorization = null;
        foreach (var path in (string[])["/dicom-web/studies", "/dicom-web/studies/1.2.3", "/dicom-web"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, path);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", method);
            using var response = await server.Client.SendAsync(request);
            var let = response.Headers.Contains("Access-Control-Allow-Origin")
                && response.Headers.TryGetValues("Access-Control-Allow-Methods", out var methods) && methods.Any(value => value.Split(',').Contains(method));
            Assert.Equal(isAllowed, let);
        }

        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "token");
        using var described = new HttpRequestMessage(HttpMethod.Options, "/dicom-web");
        described.Headers.Add("Origin", origin);
        using var answer = await server.Client.SendAsync(described);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task<HttpResponseMessage> OptionsAsync(DicomWebServer server, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return await server.Client.SendAsync(request);
    }

    private static IEnumerable<string> Methods(XElement resource, string above)
    {
        var path = $"{above}/{resource.Attribute("path")!.Value}".TrimEnd('/');
        return resource.Elements(Namespace + "method").Select(method => $"{method.Attribute("name")!.Value} {path}")
            .Concat(resource.Elements(Namespace + "resource").SelectMany(child => Methods(child, path)));
    }

    private static IEnumerable<string> Methods(JsonElement resource, string above)
    {
        var path = $"{above}/{resource.GetProperty("path").GetString()}".TrimEnd('/');
        return resource.GetProperty("method").EnumerateArray().Select(method => $"{method.GetProperty("name").GetString()} {path}")
            .Concat(resource.GetProperty("resource").EnumerateArray().SelectMany(child => Methods(child, path)));
    }
}
