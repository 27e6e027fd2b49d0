using System.Text;
using Pipelines.Protocol.Security;

namespace Pipelines.Protocol.Tests.Security;

public sealed class ScramTests
{
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    [Fact]
    public void The_exchange_of_RFC_7677_comes_out()
    {
        var client = new ScramClient(ScramHash.Sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", client.FirstMessage);
        Assert.Equal("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", client.FinalMessage(ServerFirst));
        client.Verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    [Theory]
    [InlineData("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("v=")]
    [InlineData("v=!")]
    [InlineData("e=invalid-proof")]
    [InlineData("")]
    public void A_server_that_does_not_know_the_password_is_found_out(string serverFinal)
    {
        var client = new ScramClient(ScramHash.Sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        client.FinalMessage(ServerFirst);
        Assert.Throws<ScramException>(() => client.Verify(serverFinal));
    }

    [Fact]
    public void A_signature_without_an_exchange_is_not_one() =>
        Assert.Throws<ScramException>(() => new ScramClient(ScramHash.Sha256, "user", "pencil").Verify("v="));

    [Theory]
    [InlineData("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")] // Nothing of the server's own.
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=?,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1")]
    [InlineData("m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("")]
    public void A_first_message_that_a_client_should_not_follow_is_refused(string serverFirst) =>
        Assert.Throws<ScramException>(() => new ScramClient(ScramHash.Sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO").FinalMessage(serverFirst));

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public void A_server_that_keeps_only_the_hashed_key_knows_the_right_proof(string mechanism)
    {
        ScramHash scram = ScramHash.Find(mechanism)!;
        byte[] salted = scram.SaltedPassword("geheim", Encoding.UTF8.GetBytes("salt"), 4096);
        byte[] clientKey = scram.ClientKey(salted);
        byte[] proof = scram.ClientProof(clientKey, "exchange");
        Assert.True(scram.IsProof(proof, scram.StoredKey(clientKey), "exchange"));
        Assert.False(scram.IsProof(proof, scram.StoredKey(clientKey), "another"));
        Assert.False(scram.IsProof(proof.AsSpan(1), scram.StoredKey(clientKey), "exchange"));
        proof[0] ^= 1;
        Assert.False(scram.IsProof(proof, scram.StoredKey(clientKey), "exchange"));
    }

    [Fact]
    public void Commas_and_equals_signs_of_a_name_are_escaped() =>
        Assert.Equal("n,,n=a=3Db=2Cc,r=x", new ScramClient(ScramHash.Sha512, "a=b,c", "p", "x").FirstMessage);
}
