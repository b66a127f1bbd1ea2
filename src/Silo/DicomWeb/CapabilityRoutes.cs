using System.Text;
using System.Text.Json;
using System.Xml;
using SecureStore.Grains.Studies;
using SecureStore.Silo.Tokens;

namespace SecureStore.Silo.DicomWeb;

/// <summary>
/// Retrieve Capabilities (PS3.18 8.9): OPTIONS of the service, or of any of its resources, answers with a description of that
/// resource and those below it (PS3.18 H), made from the routes themselves.
/// </summary>
internal static class CapabilityRoutes
{
    private const string Wadl = "application/vnd.sun.wadl+xml";
    private const string WadlNamespace = "http://wadl.dev.java.net/2009/02";

    private static readonly Representation[] Forms = [new(Wadl), new(Representation.Json)];

    /// <summary>Maps OPTIONS for each resource that was mapped before; questions of browsers across origins are not among them.</summary>
    public static IEndpointRouteBuilder MapCapabilities(this IEndpointRouteBuilder routes)
    {
        foreach (var path in Described(routes.DataSources.SelectMany(source => source.Endpoints)).Select(one => one.Pattern).Distinct().ToList())
        {
            routes.MapMethods(path, [HttpMethods.Options], RespondAsync);
        }

        return routes;
    }

    private static async Task RespondAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Features.Get<CallerToken>() is null)
        {
            await ProblemResults.WriteAsync(context, ProblemResults.Of(ReadVerdict.Unauthorized));
            return;
        }

        if (MediaTypeNegotiation.Select(MediaTypeNegotiation.Accepted(context.Request), Forms) is not { } form)
        {
            await ProblemResults.WriteAsync(context, StatusCodes.Status406NotAcceptable, $"Capabilities come as {Wadl} or {Representation.Json}.");
            return;
        }

        var target = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText!;
        var resource = Resource.Tree(
            target, Described(context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints).Where(one => IsWithin(one.Pattern, target)));
        context.Response.Headers.Allow = string.Join(", ", resource.Methods.Select(method => method.Name).Append(HttpMethods.Options));
        context.Response.ContentType = form.ContentType;
        var address = DicomWebAddress.Base(context.Request);
        await context.Response.BodyWriter.WriteAsync(form.MediaType == Wadl ? Xml(resource, address) : Json(resource, address), context.RequestAborted);
    }

    private static IEnumerable<(string Pattern, string Method, Capability Capability)> Described(IEnumerable<Endpoint> endpoints) =>
        from endpoint in endpoints.OfType<RouteEndpoint>()
        let capability = endpoint.Metadata.GetMetadata<Capability>()
        where capability is not null
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        select ("/" + endpoint.RoutePattern.RawText!.Trim('/'), method, capability);

    private static bool IsWithin(string pattern, string target) =>
        pattern.StartsWith(target, StringComparison.Ordinal) && (pattern.Length == target.Length || pattern[target.Length] == '/');

    private static byte[] Xml(Resource resource, string address)
    {
        using var output = new MemoryStream();
        using (var xml = XmlWriter.Create(output, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            xml.WriteStartElement("application", WadlNamespace);
            xml.WriteStartElement("resources");
            xml.WriteAttributeString("base", address);
            Write(xml, resource);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return output.ToArray();
    }

    private static void Write(XmlWriter xml, Resource resource)
    {
        xml.WriteStartElement("resource");
        xml.WriteAttributeString("path", resource.Path);
        foreach (var name in resource.Templates)
        {
            Parameter(xml, name, "template", null, []);
        }

        foreach (var (name, capability) in resource.Methods)
        {
            xml.WriteStartElement("method");
            xml.WriteAttributeString("name", name);
            xml.WriteAttributeString("id", capability.Transaction);
            xml.WriteStartElement("request");
            Parameter(xml, "Accept", "header", null, capability.MediaTypes);
            foreach (var (parameter, value) in capability.Query)
            {
                Parameter(xml, parameter, "query", value, []);
            }

            Representations(xml, capability.Body);
            xml.WriteEndElement();
            xml.WriteStartElement("response");
            xml.WriteAttributeString("status", "200");
            Representations(xml, capability.MediaTypes);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        foreach (var child in resource.Children)
        {
            Write(xml, child);
        }

        xml.WriteEndElement();
    }

    private static void Parameter(XmlWriter xml, string name, string style, string? value, IReadOnlyList<string> options)
    {
        xml.WriteStartElement("param");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("style", style);
        if (value is not null)
        {
            xml.WriteAttributeString("fixed", value);
        }

        if (options is [var first, ..])
        {
            xml.WriteAttributeString("default", first);
        }

        foreach (var option in options)
        {
            xml.WriteStartElement("option");
            xml.WriteAttributeString("value", option);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Representations(XmlWriter xml, IReadOnlyList<string> mediaTypes)
    {
        foreach (var mediaType in mediaTypes)
        {
            xml.WriteStartElement("representation");
            xml.WriteAttributeString("mediaType", mediaType);
            xml.WriteEndElement();
        }
    }

    /// <summary>The same tree, with WADL's names.</summary>
    private static byte[] Json(Resource resource, string address) =>
        JsonSerializer.SerializeToUtf8Bytes(new { application = new { resources = new { @base = address, resource = new[] { Json(resource) } } } });

    private static object Json(Resource resource) => new
    {
        path = resource.Path,
        param = resource.Templates.Select(name => new { name, style = "template" }),
        method = resource.Methods.Select(method => new
        {
            name = method.Name,
            id = method.Capability.Transaction,
            request = new
            {
                param = method.Capability.Query.Select(parameter => new { name = parameter.Name, style = "query", @fixed = parameter.Value }),
                representation = method.Capability.Body.Select(mediaType => new { mediaType }),
            },
            response = new { status = "200", representation = method.Capability.MediaTypes.Select(mediaType => new { mediaType }) },
        }),
        resource = resource.Children.Select(Json),
    };

    /// <summary>A resource: its methods, and those below it.</summary>
    /// <param name="Path">Its path within the one above; of the first, within the service.</param>
    private sealed record Resource(string Path, List<(string Name, Capability Capability)> Methods, List<Resource> Children)
    {
        /// <summary>What stands for a name in the path.</summary>
        public IEnumerable<string> Templates =>
            Path.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => segment.Trim('{', '}'));

        public static Resource Tree(string target, IEnumerable<(string Pattern, string Method, Capability Capability)> routes)
        {
            var top = new Resource(Name(target[DicomWebAddress.Path.Length..].TrimStart('/')), [], []);
            foreach (var (pattern, method, capability) in routes)
            {
                var resource = top;
                foreach (var segment in pattern[target.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
                {
                    var name = Name(segment);
                    if (resource.Children.Find(child => child.Path == name) is not { } child)
                    {
                        resource.Children.Add(child = new Resource(name, [], []));
                    }

                    resource = child;
                }

                resource.Methods.Add((method, capability));
            }

            return top;
        }

        private static string Name(string path) => path.Replace("**", "", StringComparison.Ordinal);
    }
}
