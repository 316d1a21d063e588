"""StaffService at an incubator: what its record says counts from the next call on, and is declared."""

import pytest
from groupement.incubator.v1 import call_service_pb2
from groupement.options.v1 import options_pb2
from groupement.staff.v1 import staff_service_pb2 as pb
from groupement.staff.v1.staff_service_pb2_grpc import StaffServiceStub
from incubating import CAMILLE, said
from incubator_house import ADMIN, Running
from servicekit.refusals import Conflict, Denied


async def test_a_role_counts_once_granted_and_no_more_once_revoked(incubator: Running) -> None:
    staff, by_admin = StaffServiceStub(incubator.channel()), incubator.by(ADMIN, "ADMIN")
    request, by_camille = call_service_pb2.ListApplicationsRequest(), incubator.by(CAMILLE, "ADVISOR")
    with pytest.raises(Denied):
        await incubator.calls.ListApplications(request, **by_camille)
    granting = pb.GrantRoleRequest(person_id=CAMILLE, role=options_pb2.ROLE_ADVISOR)
    granted = (await staff.GrantRole(granting, **by_admin)).staff_role
    assert await incubator.calls.ListApplications(request, **by_camille)
    assert granted in (await staff.ListStaff(pb.ListStaffRequest(), **by_admin)).staff_roles
    await staff.RevokeRole(pb.RevokeRoleRequest(person_id=CAMILLE, role=options_pb2.ROLE_ADVISOR), **by_admin)
    with pytest.raises(Denied):
        await incubator.calls.ListApplications(request, **by_camille)
    declared = {"personId": CAMILLE, "role": "ROLE_ADVISOR"}
    assert declared in await said(incubator.database, "staff_role_granted")
    assert await said(incubator.database, "staff_role_revoked") == [declared]


async def test_the_last_admin_stays(incubator: Running) -> None:
    revoking = pb.RevokeRoleRequest(person_id=ADMIN, role=options_pb2.ROLE_ADMIN)
    with pytest.raises(Conflict) as refused:
        await StaffServiceStub(incubator.channel()).RevokeRole(revoking, **incubator.by(ADMIN, "ADMIN"))
    assert refused.value.reason == "LAST_ADMIN"
