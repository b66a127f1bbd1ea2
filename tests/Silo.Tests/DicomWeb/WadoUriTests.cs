using System.Net;
using System.Security.Cryptography;
using CsCheck;
using SecureStore.Grains.Studies;

namespace SecureStore.Silo.Tests;

public class WadoUriTests
{
    private const string Jpeg = "1.2.840.10008.1.2.4.50";
    private const string Uids = "studyUID=1.2.3&seriesUID=1.2.3.4&objectUID=1.2.3.4.1";
    private const string Whole = $"requestType=WADO&{Uids}&contentType=application%2Fdicom";

    [Theory]
    [InlineData("/dicom-web?")]
    [InlineData("/dicom-web/?")]
    public async Task An_instance_comes_back_byte_for_byte(string path)
    {
        await using var server = await WithAsync(Jpeg, RandomNumberGenerator.GetBytes(100_001));
        using var response = await server.Client.GetAsync(path + Whole);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/dicom", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal(server.Studies.Instances[0].File, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(Whole + "&somethingElse=1", 200)]
    [InlineData(Whole + "&transferSyntax=" + Jpeg, 200)]
    [InlineData(Whole + "&transferSyntax=1.2.840.10008.1.2.1", 406)]
    [InlineData(Whole + "&transferSyntax=*", 400)]
    [InlineData(Whole + "&transferSyntax=1.2&transferSyntax=1.2", 400)]
    [InlineData("requestType=WADO&" + Uids + "&contentType=application/dicom%2Bxml,application/dicom", 200)]
    [InlineData("requestType=WADO&" + Uids + "&contentType=text/html", 406)]
    [InlineData("requestType=WADO&" + Uids + "&contentType=%0D%0AX:1", 400)]
    [InlineData("requestType=WADO&" + Uids + "&contentType=", 400)]
    [InlineData(Uids, 400)]
    [InlineData("requestType=wado&" + Uids, 400)]
    [InlineData("requestType=WADO&requestType=WADO&" + Uids, 400)]
    [InlineData("requestType=WADO&studyUID=1.2.3&seriesUID=1.2.3.4", 400)]
    [InlineData("requestType=WADO&studyUID=1.2.3&seriesUID=1.2.3.4&objectUID=", 400)]
    [InlineData("requestType=WADO&studyUID=1.2.3&seriesUID=1.2.3.4&objectUID=../1", 400)]
    [InlineData(Whole + "&studyUID=1.2.4", 400)]
    [InlineData(Whole + "&anonymize=yes", 400)]
    [InlineData(Whole + "&anonymize=", 400)]
    [InlineData(Whole + "&annotation=patient", 400)]
    [InlineData(Whole + "&presentationUID=1.2", 400)]
    [InlineData("requestType=WADO&studyUID=1.2.3&seriesUID=1.2.3.9&objectUID=1.2.3.4.1", 404)]
    [InlineData("requestType=WADO&studyUID=1.2.9&seriesUID=1.2.3.4&objectUID=1.2.3.4.1", 404)]
    public async Task Each_request_has_its_status(string query, int status)
    {
        await using var server = await WithAsync(Jpeg, [1, 2, 3]);
        using var response = await server.Client.GetAsync("/dicom-web?" + query);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? "application/dicom" : "application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(ReadVerdict.Unauthorized, 401)]
    [InlineData(ReadVerdict.Forbidden, 403)]
    [InlineData(ReadVerdict.NotFound, 404)]
    public async Task What_the_study_decides_is_told(ReadVerdict verdict, int status)
    {
        await using var server = await WithAsync(Jpeg, [1]);
        server.Studies.Verdict = verdict;
        using var response = await server.Client.GetAsync("/dicom-web?" + Whole);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Without_a_token_every_request_is_401()
    {
        await using var server = await WithAsync(Jpeg, [1]);
        server.Client.DefaultRequestHeaders.Authorization = null;
        foreach (var query in (string[])[Whole, "requestType=x", Whole + "&anonymize=yes"])
        {
            using var response = await server.Client.GetAsync("/dicom-web?" + query);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task No_query_breaks_it_or_comes_back_in_the_answer()
    {
        await using var server = await WithAsync(Jpeg, [1]);
        var parameter = Gen.Select(
            Of("requestType", "studyUID", "seriesUID", "objectUID", "contentType", "transferSyntax", "anonymize", "frameNumber", "windowCenter", "x"),
            Gen.OneOf(Of("WADO", "1.2.3", "1.2.3.4", "1.2.3.4.1", "application/dicom", "*/*", "yes"), Gen.String[0, 200]));
        await parameter.Array[0, 12].SampleAsync(
            async parameters =>
            {
                var marked = parameters.Select(one => $"{one.Item1}={Uri.EscapeDataString(one.Item2)}");
                using var response = await server.Client.GetAsync("/dicom-web?planted=PLANTED&" + string.Join('&', marked));
                Assert.Contains((int)response.StatusCode, (int[])[200, 400, 404, 406]);
                Assert.DoesNotContain("PLANTED", await response.Content.ReadAsStringAsync());
            },
            iter: 300,
            threads: 1);
    }

    private static Gen<string> Of(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static async Task<DicomWebServer> WithAsync(string transferSyntax, byte[] file)
    {
        var server = await DicomWebServer.StartAsync();
        server.Studies.Instances.Add(MemoryInstance.Of(1, file, transferSyntax));
        return server;
    }
}
