using Pipelines.Protocol.Security;

namespace Pipelines.Protocol.Tests.Security;

public sealed class ScramServerTests
{
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ClientFinal = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    [Fact]
    public void The_exchange_of_RFC_7677_comes_out()
    {
        ScramServer server = OfRfc();
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", server.FirstMessage(ClientFirst));
        Assert.Equal("user", server.User);
        Assert.True(server.TryFinish(ClientFinal, out string answer));
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", answer);
    }

    [Theory]
    [InlineData("user", "pencil", true)]
    [InlineData("user", "pencils", false)]
    [InlineData("us=er,n", "pen,cil=ü", true)]
    public void Client_and_server_agree_on_the_password(string user, string password, bool isRight)
    {
        var client = new ScramClient(ScramHash.Sha512, user, password);
        var keys = ScramKeys.Of(ScramHash.Sha512, isRight ? password : "pencil");
        var server = new ScramServer(ScramHash.Sha512, _ => keys);
        bool isTaken = server.TryFinish(client.FinalMessage(server.FirstMessage(client.FirstMessage)), out string answer);
        Assert.Equal(isRight, isTaken);
        Assert.Equal(user, server.User);
        if (isTaken) client.Verify(answer);
        else Assert.Equal("", answer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("n,,")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("n,,m=ext,n=user,r=abc")]
    [InlineData("n,a=other,n=user,r=abc")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    public void A_first_message_that_is_none_is_refused(string clientFirst) => Assert.Throws<ScramException>(() => OfRfc().FirstMessage(clientFirst));

    [Theory]
    [InlineData("")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")] // Nothing of the server's own.
    [InlineData("c=biws,r=another%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=?")]
    public void A_final_message_of_another_exchange_is_refused(string clientFinal)
    {
        ScramServer server = OfRfc();
        server.FirstMessage(ClientFirst);
        Assert.Throws<ScramException>(() => server.TryFinish(clientFinal, out _));
    }

    [Fact]
    public void Messages_have_their_order()
    {
        Assert.Throws<ScramException>(() => OfRfc().TryFinish(ClientFinal, out _));
        ScramServer server = OfRfc();
        server.FirstMessage(ClientFirst);
        Assert.Throws<ScramException>(() => server.FirstMessage(ClientFirst));
    }

    [Fact]
    public void The_clients_nonce_may_come_twice_as_librdkafka_sends_it()
    {
        ScramServer server = OfRfc();
        string serverFirst = server.FirstMessage(ClientFirst);
        string withoutProof = "c=biws,r=rOprNGfwEbeRWgbNEkqOrOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        byte[] salted = ScramHash.Sha256.SaltedPassword("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        byte[] proof = ScramHash.Sha256.ClientProof(ScramHash.Sha256.ClientKey(salted), $"{ClientFirst[3..]},{serverFirst},{withoutProof}");
        Assert.True(server.TryFinish($"{withoutProof},p={Convert.ToBase64String(proof)}", out _));
    }

    private static ScramServer OfRfc()
    {
        byte[] salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
        var keys = ScramKeys.Of(ScramHash.Sha256, ScramHash.Sha256.SaltedPassword("pencil", salt, 4096), salt, 4096);
        return new ScramServer(ScramHash.Sha256, _ => keys, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
    }
}
